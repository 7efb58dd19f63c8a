import type { FaultOf } from './faults.js';
import { interactionEvents } from './job-resource.js';
import type { Job } from './job.js';
import { PushBody, sseFrame } from './sse.js';
import type { Call } from './world.js';

interface StreamOptions {
  /** How many events the client has seen before. @default 0 */
  readonly from?: number;
  readonly cut?: FaultOf<'cut'> | undefined;
  readonly silent?: boolean;
}

/** The last piece of a stream, by how it ends; a stream that just ends, or is reset, has none. */
const LAST_FRAMES: Partial<Record<FaultOf<'cut'>['how'] | 'done', Uint8Array>> = {
  done: sseFrame('done', '[DONE]'),
  error: sseFrame(
    'error',
    JSON.stringify({ event_type: 'error', error: { code: 'api_error', message: 'Internal error encountered.' } }),
  ),
  garbage: sseFrame('message', '<!doctype html><title>502 Bad Gateway</title>'),
};

/** Answers the events of a job, those there are at once and the others as they come. */
export function openStream(call: Call, job: Job, { from = 0, cut, silent }: StreamOptions = {}): Response {
  const { world, client } = call;
  const body = new PushBody(client.leave);
  const cleanups: (() => void)[] = [];
  let sent = 0;
  let isOpen = true;
  const close = (time: 'streamEndedAt' | 'clientLeftAt', isReset: boolean): void => {
    isOpen = false;
    for (const cleanup of cleanups) cleanup();
    world.meter.openStreams -= 1;
    call.note({ [time]: world.timers.now() });
    body.end(isReset);
  };
  const end = (how: keyof typeof LAST_FRAMES = 'end'): void => {
    const frame = LAST_FRAMES[how];
    if (frame !== undefined) body.push(frame);
    close('streamEndedAt', how === 'reset');
    client.release();
  };
  const send = (): void => {
    const events = interactionEvents(job, world.settings).slice(from);
    while (isOpen && sent !== cut?.afterEvents) {
      const event = events[sent];
      if (event === undefined) break;
      sent += 1;
      body.push(sseFrame(event.event_type, JSON.stringify(event)));
      call.note({ events: sent });
    }
    if (isOpen && sent === cut?.afterEvents) end(cut.how);
    else if (isOpen && job.ended) end('done');
  };
  world.meter.openStreams += 1;
  call.note({ events: 0 });
  cleanups.push(world.timers.after(world.settings.streamLimitMs, end));
  cleanups.push(client.onLeave(() => close('clientLeftAt', true)));
  if (silent !== true && !client.left) {
    cleanups.push(job.onChange(send));
    send();
  }
  return new Response(body.stream, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' } });
}
