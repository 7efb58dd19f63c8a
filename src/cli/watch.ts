import type { Operation } from '../api/handle.js';
import type { OperationEvent } from '../api/events.js';
import type { Delivery, ImageStore } from './folder.js';
import { imagesOf } from './images-of.js';
import type { Scene, View } from './view/view.js';

const TICK_MS = 100;

const eventNames = ['submitted', 'state', 'progress', 'image', 'cancelling', 'warning', 'settled'] as const;

/** The view of an operation, and the place for its images. */
export interface Audience {
  readonly store: ImageStore;
  readonly viewOf: (scene: Scene) => View;
  /** Called in the turn of the end, when the view has told of it. */
  readonly ended?: (view: View) => void;
}

/**
 * Writes and shows what an operation makes until its end, each in the turn of its event: there may be no later one, since
 * signals are the library's: it cancels, says so by events, and ends the process.
 */
export async function watch(operation: Operation, { store, viewOf, ended }: Audience) {
  const deliveries = new Map<number, Delivery>();
  const view = viewOf({ jobs: () => operation.jobs, deliveries, now: () => Date.now() });
  const ticker = setInterval(() => view.tick(), TICK_MS);
  const hear = (event: OperationEvent): void => {
    if (event.type === 'image') deliveries.set(event.index, store.save(event.index, event.image));
    view.event(event);
    if (event.type !== 'settled') return;
    clearInterval(ticker);
    ended?.(view);
  };
  // Listeners rather than `events()`: an iterator hears only in a later turn.
  for (const type of eventNames) operation.on(type, (event) => hear({ type, ...event } as OperationEvent));
  await untilSilent(operation);
  const isWritten = [...deliveries.values()].every(({ problem }) => problem === undefined);
  const total = operation.jobs.flatMap(imagesOf).length;
  return {
    /** Every image that was made was written. */
    isWritten,
    /** Every image was made and written. */
    isComplete: isWritten && deliveries.size > 0 && deliveries.size === total,
  };
}

/** Resolves when no event can come any more: what cannot be cancelled is paid for, and may come after the end. */
async function untilSilent(operation: Operation): Promise<void> {
  const events = operation.events();
  while ((await events.next()).done !== true);
  // This does not settle when a signal is about to end the process.
  await operation.result().catch(() => undefined);
}
