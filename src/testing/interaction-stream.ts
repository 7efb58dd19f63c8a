import type { FaultOf } from './faults.js';
import { interactionEvents } from './job-resource.js';
import type { Job } from './job.js';
import { PushBody, sseFrame } from './sse.js';
import type { Call } from './world.js';

/** The way a stream goes. */
export interface StreamOptions {
  /** How many events the client has seen before. @default 0 */
  readonly from?: number;
  readonly cut?: FaultOf<'cut'> | undefined;
  readonly silent?: boolean;
}

/** Answers the events of a job, those there are at once and the others as they come. */
export function openStream(call: Call, job: Job, options: StreamOptions = {}): Response {
  const { body } = new InteractionStream(call, job, options);
  return new Response(body, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' } });
}

class InteractionStream {
  readonly #call: Call;
  readonly #job: Job;
  readonly #cut: StreamOptions['cut'];
  readonly #push: PushBody;
  readonly #cleanups: (() => void)[] = [];
  #next: number;
  #sent = 0;
  #open = true;

  constructor(call: Call, job: Job, { from = 0, cut, silent = false }: StreamOptions) {
    const { world, client } = call;
    const { clock, streamLimitMs } = world.settings;
    this.#call = call;
    this.#job = job;
    this.#cut = cut;
    this.#next = from;
    this.#push = new PushBody(client.leave);
    world.meter.openStreams += 1;
    call.note({ events: 0 });
    const timer = clock.setTimeout(() => this.#end(), streamLimitMs);
    this.#cleanups.push(() => clock.clearTimeout(timer));
    this.#cleanups.push(client.onLeave(() => this.#close('clientLeftAt', true)));
    if (silent || !this.#open) return;
    this.#cleanups.push(job.onChange(() => this.#send()));
    this.#send();
  }

  get body(): ReadableStream<Uint8Array> {
    return this.#push.stream;
  }

  #send(): void {
    const events = interactionEvents(this.#job, this.#call.world.settings);
    while (this.#open && this.#sent !== this.#cut?.afterEvents) {
      const event = events[this.#next];
      if (event === undefined) break;
      this.#next += 1;
      this.#sent += 1;
      this.#push.push(sseFrame(event.event_type, JSON.stringify(event)));
      this.#call.note({ events: this.#sent });
    }
    if (!this.#open) return;
    if (this.#cut !== undefined && this.#sent === this.#cut.afterEvents) this.#break(this.#cut.how);
    else if (this.#job.ended) this.#finish();
  }

  #finish(): void {
    this.#push.push(sseFrame('done', '[DONE]'));
    this.#end();
  }

  #break(how: FaultOf<'cut'>['how']): void {
    if (how === 'error') {
      const error = { code: 'api_error', message: 'Internal error encountered.' };
      this.#push.push(sseFrame('error', JSON.stringify({ event_type: 'error', error })));
    }
    if (how === 'garbage') this.#push.push(sseFrame('message', '<!doctype html><title>502 Bad Gateway</title>'));
    this.#end(how === 'reset');
  }

  /** The server ends it. */
  #end(isReset = false): void {
    const { world, client } = this.#call;
    this.#close('streamEndedAt', isReset);
    client.release();
    world.clients.delete(client);
  }

  #close(time: 'streamEndedAt' | 'clientLeftAt', isReset: boolean): void {
    const { world } = this.#call;
    this.#open = false;
    for (const cleanup of this.#cleanups) cleanup();
    world.meter.openStreams -= 1;
    this.#call.note({ [time]: world.settings.clock.now() });
    if (isReset) this.#push.fail();
    else this.#push.end();
  }
}
