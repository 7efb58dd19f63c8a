import type { FaultOf } from './faults.js';
import { interactionEvents } from './job-resource.js';
import type { Job } from './job.js';
import { PushBody, sseFrame } from './sse.js';
import type { Call } from './world.js';

export interface StreamOptions {
  /** How many events the client has seen before. @default 0 */
  readonly from?: number;
  readonly cut?: FaultOf<'cut'> | undefined;
  readonly silent?: boolean;
}

/** Answers the events of a job, those there are at once and the others as they come. */
export function openStream(call: Call, job: Job, options: StreamOptions = {}): Response {
  const { body } = new InteractionStream(call, job, options);
  return new Response(body.stream, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' } });
}

class InteractionStream {
  readonly body: PushBody;
  readonly #call: Call;
  readonly #job: Job;
  readonly #options: StreamOptions;
  readonly #cleanups: (() => void)[] = [];
  #sent = 0;
  #open = true;

  constructor(call: Call, job: Job, options: StreamOptions) {
    const { world, client } = call;
    const { clock, streamLimitMs } = world.settings;
    this.#call = call;
    this.#job = job;
    this.#options = options;
    this.body = new PushBody(client.leave);
    world.meter.openStreams += 1;
    call.note({ events: 0 });
    const timer = clock.setTimeout(() => this.#end(), streamLimitMs);
    this.#cleanups.push(() => clock.clearTimeout(timer));
    this.#cleanups.push(client.onLeave(() => this.#close('clientLeftAt', true)));
    if (options.silent === true || !this.#open) return;
    this.#cleanups.push(job.onChange(() => this.#send()));
    this.#send();
  }

  #send(): void {
    const { from = 0, cut } = this.#options;
    const events = interactionEvents(this.#job, this.#call.world.settings);
    while (this.#open && this.#sent !== cut?.afterEvents) {
      const event = events[from + this.#sent];
      if (event === undefined) break;
      this.#sent += 1;
      this.body.push(sseFrame(event.event_type, JSON.stringify(event)));
      this.#call.note({ events: this.#sent });
    }
    if (!this.#open) return;
    if (this.#sent === cut?.afterEvents) this.#break(cut.how);
    else if (this.#job.ended) this.#break('done');
  }

  #break(how: FaultOf<'cut'>['how'] | 'done'): void {
    const error = { code: 'api_error', message: 'Internal error encountered.' };
    if (how === 'done') this.body.push(sseFrame('done', '[DONE]'));
    if (how === 'error') this.body.push(sseFrame('error', JSON.stringify({ event_type: 'error', error })));
    if (how === 'garbage') this.body.push(sseFrame('message', '<!doctype html><title>502 Bad Gateway</title>'));
    this.#end(how === 'reset');
  }

  #end(isReset = false): void {
    this.#close('streamEndedAt', isReset);
    this.#call.client.release();
  }

  #close(time: 'streamEndedAt' | 'clientLeftAt', isReset: boolean): void {
    const { world } = this.#call;
    this.#open = false;
    for (const cleanup of this.#cleanups) cleanup();
    world.meter.openStreams -= 1;
    this.#call.note({ [time]: world.settings.clock.now() });
    this.body.end(isReset);
  }
}
