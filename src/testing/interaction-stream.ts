import type { Client } from './client.js';
import type { FaultOf } from './faults.js';
import { interactionEvents } from './interaction-events.js';
import type { Job } from './job.js';
import type { Mutable, RequestRecord } from './meter.js';
import { resetError } from './reset-error.js';
import { PushBody, sseFrame } from './sse.js';
import type { World } from './world.js';

/** One stream to open. */
export interface StreamRequest {
  readonly world: World;
  readonly job: Job;
  readonly client: Client;
  readonly record: Mutable<RequestRecord>;
  /** How many events the client has seen before. */
  readonly from: number;
  readonly cut?: FaultOf<'cut'> | undefined;
  readonly silent: boolean;
}

/** Answers the events of a job, those there are at once and the others as they come. */
export function openStream(request: StreamRequest): Response {
  const stream = new InteractionStream(request);
  return new Response(stream.body, {
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' },
  });
}

class InteractionStream {
  readonly #request: StreamRequest;
  readonly #push: PushBody;
  readonly #cleanups: (() => void)[] = [];
  #next: number;
  #open = true;

  constructor(request: StreamRequest) {
    const { world, job, client } = request;
    this.#request = request;
    this.#next = request.from;
    this.#push = new PushBody(client.leave);
    this.#change((record) => {
      world.meter.openStreams += 1;
      record.events = 0;
    });
    this.#limitTime();
    this.#cleanups.push(client.onLeave(() => this.#lost()));
    if (request.silent || !this.#open) return;
    this.#cleanups.push(job.onChange(() => this.#send()));
    this.#send();
  }

  get body(): ReadableStream<Uint8Array> {
    return this.#push.stream;
  }

  #send(): void {
    const { world, job, cut, record } = this.#request;
    const events = interactionEvents(job, world.settings);
    while (this.#open) {
      if (cut !== undefined && (record.events ?? 0) >= cut.afterEvents) {
        this.#cut(cut.how);
        return;
      }
      const event = events[this.#next];
      if (event === undefined) break;
      this.#next += 1;
      this.#push.push(sseFrame(event.event_type, JSON.stringify(event)));
      this.#change((request) => void (request.events = (request.events ?? 0) + 1));
    }
    if (this.#open && job.ended) this.#finish();
  }

  #finish(): void {
    this.#push.push(sseFrame('done', '[DONE]'));
    this.#close();
  }

  #cut(how: FaultOf<'cut'>['how']): void {
    if (how === 'reset') {
      this.#close(resetError());
      return;
    }
    if (how === 'error') {
      const error = { code: 'internal', message: 'Internal error encountered.' };
      this.#push.push(sseFrame('error', JSON.stringify({ event_type: 'error', error })));
    }
    if (how === 'garbage') this.#push.push(sseFrame('message', '<!doctype html><title>502 Bad Gateway</title>'));
    this.#close();
  }

  /** The server ends it. */
  #close(error?: Error): void {
    const { world, client } = this.#request;
    this.#shut((record) => void (record.streamEndedAt = world.settings.clock.now()));
    client.release();
    world.clients.delete(client);
    if (error === undefined) this.#push.end();
    else this.#push.fail(error);
  }

  /** The client is gone. */
  #lost(): void {
    const { world } = this.#request;
    this.#shut((record) => void (record.clientLeftAt = world.settings.clock.now()));
    this.#push.fail(resetError());
  }

  #shut(apply: (record: Mutable<RequestRecord>) => void): void {
    this.#open = false;
    for (const cleanup of this.#cleanups) cleanup();
    this.#change((record) => {
      this.#request.world.meter.openStreams -= 1;
      apply(record);
    });
  }

  #limitTime(): void {
    const { clock, streamLimitMs } = this.#request.world.settings;
    const timer = clock.setTimeout(() => this.#close(), streamLimitMs);
    this.#cleanups.push(() => clock.clearTimeout(timer));
  }

  #change(apply: (record: Mutable<RequestRecord>) => void): void {
    this.#request.world.meter.change(() => apply(this.#request.record));
  }
}
