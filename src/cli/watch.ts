import type { Operation } from '../node/index.js';
import type { GenerateImagesResponse } from '../images/types.js';
import type { OperationEvent } from '../operation/events.js';
import type { Delivery, ImageStore } from './folder.js';
import { imagesOf, numberedImages } from './images-of.js';
import type { Scene, View } from './view/view.js';

const TICK_MS = 100;

/** Who looks at an operation, and where its images go. */
export interface Audience {
  readonly store: ImageStore;
  readonly viewOf: (scene: Scene) => View;
  /** Called in the turn of the end, when the view has told of it. */
  readonly ended?: (view: View) => void;
}

/** What came of it. */
export interface Watched {
  /** Every image was made and written. */
  readonly isComplete: boolean;
  /** Every image that was made was written. */
  readonly isWritten: boolean;
}

/**
 * Writes and shows what an operation makes until its end, each in the turn of its event: there may be no later one, since
 * signals are the library's: it cancels, says so by events, and ends the process.
 */
export async function watch(operation: Operation, audience: Audience): Promise<Watched> {
  const watcher = new Watcher(operation, audience);
  const ended = await operation.result().then(
    (response) => ({ response }),
    (error: unknown) => ({ error: error instanceof Error ? error : new Error(String(error)) }),
  );
  watcher.end({ type: 'settled', at: Date.now(), state: operation.state, ...ended });
  // What could not be cancelled has been paid for.
  await operation.salvaged();
  return watcher;
}

type Settled = Extract<OperationEvent, { type: 'settled' }>;

class Watcher implements Watched {
  readonly #operation: Operation;
  readonly #audience: Audience;
  readonly #view: View;
  readonly #deliveries = new Map<number, Delivery>();
  readonly #ticker: NodeJS.Timeout;
  #isOver = false;

  constructor(operation: Operation, audience: Audience) {
    this.#operation = operation;
    this.#audience = audience;
    this.#view = audience.viewOf({ jobs: () => operation.jobs, deliveries: this.#deliveries, now: () => Date.now() });
    this.#ticker = setInterval(() => this.#view.tick(), TICK_MS);
    this.#listen();
  }

  get isComplete(): boolean {
    return this.isWritten && this.#deliveries.size > 0 && this.#deliveries.size === this.#total;
  }

  get isWritten(): boolean {
    return [...this.#deliveries.values()].every(({ problem }) => problem === undefined);
  }

  get #total(): number {
    return this.#operation.jobs.flatMap(imagesOf).length;
  }

  /** Of an operation that was recovered the end may have come before anyone could listen. */
  end(settled: Settled): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (settled.response !== undefined) this.#catchUp(settled.response);
    this.#view.event(settled);
    clearInterval(this.#ticker);
    this.#audience.ended?.(this.#view);
  }

  /** Listeners rather than `events()`: an iterator hears only in a later turn. */
  #listen(): void {
    const operation = this.#operation;
    const view = this.#view;
    operation.on('submitted', (event) => view.event({ type: 'submitted', ...event }));
    operation.on('state', (event) => view.event({ type: 'state', ...event }));
    operation.on('progress', (event) => view.event({ type: 'progress', ...event }));
    operation.on('image', (event) => this.#deliver({ type: 'image', ...event }));
    operation.on('cancelling', (event) => view.event({ type: 'cancelling', ...event }));
    operation.on('warning', (event) => view.event({ type: 'warning', ...event }));
    operation.on('settled', (event) => this.end({ type: 'settled', ...event }));
  }

  #deliver(event: Extract<OperationEvent, { type: 'image' }>): void {
    this.#deliveries.set(event.index, this.#audience.store.save(event.index, event.image));
    this.#view.event(event);
  }

  /** Images whose event was before our time. */
  #catchUp(response: GenerateImagesResponse): void {
    const known = new Set([...this.#deliveries.values()].map(({ image }) => image));
    for (const { index, image } of numberedImages(this.#operation.jobs, response)) {
      if (!known.has(image)) this.#deliver({ type: 'image', at: Date.now(), index, image });
    }
  }
}
