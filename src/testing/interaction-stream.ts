import type { Call } from './call.js';
import type { FaultOf } from './faults.js';
import { interactionEvents } from './interaction-resource.js';
import type { Job } from './job.js';
import { PushBody, sseFrame } from './sse.js';

/** One stream to open. */
export interface StreamRequest extends Pick<Call, 'world' | 'client' | 'record'> {
  readonly job: Job;
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
    const { world, job, client, record } = request;
    const { clock, streamLimitMs } = world.settings;
    this.#request = request;
    this.#next = request.from;
    this.#push = new PushBody(client.leave);
    world.meter.change(() => {
      world.meter.openStreams += 1;
      record.events = 0;
    });
    const timer = clock.setTimeout(() => this.#end(), streamLimitMs);
    this.#cleanups.push(() => clock.clearTimeout(timer));
    this.#cleanups.push(client.onLeave(() => this.#close('clientLeftAt', true)));
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
      world.meter.change(() => void (record.events = (record.events ?? 0) + 1));
    }
    if (!this.#open || !job.ended) return;
    this.#push.push(sseFrame('done', '[DONE]'));
    this.#end();
  }

  #cut(how: FaultOf<'cut'>['how']): void {
    if (how === 'error') {
      const error = { code: 'api_error', message: 'Internal error encountered.' };
      this.#push.push(sseFrame('error', JSON.stringify({ event_type: 'error', error })));
    }
    if (how === 'garbage') this.#push.push(sseFrame('message', '<!doctype html><title>502 Bad Gateway</title>'));
    this.#end(how === 'reset');
  }

  /** The server ends it. */
  #end(isReset = false): void {
    const { world, client } = this.#request;
    this.#close('streamEndedAt', isReset);
    client.release();
    world.clients.delete(client);
  }

  #close(time: 'streamEndedAt' | 'clientLeftAt', isReset: boolean): void {
    const { world, record } = this.#request;
    this.#open = false;
    for (const cleanup of this.#cleanups) cleanup();
    world.meter.change(() => {
      world.meter.openStreams -= 1;
      record[time] = world.settings.clock.now();
    });
    if (isReset) this.#push.fail();
    else this.#push.end();
  }
}
