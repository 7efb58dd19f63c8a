import { Latch } from '../../util/latch.js';
import { failPrecondition, jsonResponse, refuse, refuseUnfound } from '../errors.js';
import type { FaultOf, Refusal } from '../faults.js';
import { interactionEvents, interactionResource, storedInteraction } from '../job-resource.js';
import type { Job } from '../job.js';
import { PushBody, sseFrame } from '../sse.js';
import { note, strike, type Answer, type Call, type World } from '../world.js';
import { cancelWork, denyWhileRunning, noted } from './refuse.js';
import { parseCreate } from './requests.js';

const REFUSALS = {
  400: 'background=true is only supported for agent interactions.',
  404: 'Method not found.',
  405: 'Method not allowed.',
  501: 'Operation is not implemented, or supported, or enabled.',
} as const;

/** `POST …/interactions` */
export function create(call: Call): Answer {
  const { world, client, record, target, url } = call;
  const { background, stream, ...request } = parseCreate(record.body, world.settings);
  refuseBackground(call, background);
  refusePrevious(world, request.previous);
  const kind = background ? 'background' : 'synchronous';
  const spec = { ...request, kind, id: world.newId('interactions'), origin: url.origin } as const;
  const job = noted(call, world.start(spec, target));
  if (!background) client.onLeave(() => job.update({ clientGoneAt: world.timers.now() }));
  if (stream) return () => openStream(call, job);
  if (background) return resourceAnswer(job);
  return () => job.over.reached().then(() => resourceAnswer(job));
}

/** Refuses a create where there is no background for models, or no interactions at all. */
function refuseBackground(call: Call, isBackground: boolean): void {
  const { background } = call.world.settings;
  const set: Refusal | undefined = background === 'refused' ? {} : background === 'accepted' ? undefined : background;
  const refusal = (isBackground ? strike(call, 'background-refused') : undefined) ?? set;
  if (refusal === undefined) return;
  const { status = 400, message = REFUSALS[status], gateway } = refusal;
  if (status !== 400 || isBackground) refuse(status, message, { gateway });
}

function refusePrevious(world: World, id: string | undefined): void {
  if (id === undefined) return;
  const previous = world.find(id) ?? refuse(404, 'The previous interaction was not found.');
  if (!previous.ended) failPrecondition('The previous interaction is still in progress.');
}

/** `GET …/interactions/{id}` */
export function get(call: Call): Answer {
  const job = findJob(call);
  denyWhileRunning(call, job, call.world.settings.whileRunning.reads);
  return jsonResponse(storedInteraction(job));
}

/** `GET …/interactions/{id}?stream=true[&last_event_id=…]` */
export function stream(call: Call): Answer {
  const { world, url } = call;
  const job = findJob(call);
  if (world.settings.whileRunning.reads === 'not-found' && !job.ended) refuseUnfound();
  const from = resumePosition(job, url.searchParams.get('last_event_id'));
  if (strike(call, 'stream-as-json')) return resourceAnswer(job);
  const cut = strike(call, 'cut');
  const isSilent = strike(call, 'silent') !== undefined;
  return () => openStream(call, job, from, cut, isSilent);
}

/** `POST …/interactions/{id}/cancel` */
export function cancel(call: Call): Answer {
  const job = findJob(call);
  denyWhileRunning(call, job, call.world.settings.whileRunning.cancels);
  if (job.record.kind !== 'background') failPrecondition('Only background interactions can be cancelled.');
  cancelWork(call, job);
  return resourceAnswer(job);
}

/** `DELETE …/interactions/{id}`: the record goes, the work does not stop. */
export function remove(call: Call): Answer {
  findJob(call).update({ deleted: true });
  return jsonResponse({});
}

const findJob = (call: Call): Job => noted(call, call.world.find(call.match.id));
const resourceAnswer = (job: Job): Response => jsonResponse(interactionResource(job));

function resumePosition(job: Job, lastEventId: string | null): number {
  if (lastEventId === null || lastEventId === '') return 0;
  const seen = interactionEvents(job).findIndex(({ event_id: id }) => id === lastEventId);
  return seen === -1 ? refuse(400, 'Invalid `last_event_id`.') : seen + 1;
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

function openStream(call: Call, job: Job, from = 0, cut?: FaultOf<'cut'>, isSilent = false): Response {
  const { world, client } = call;
  const body = new PushBody(client.leave);
  const over = new Latch();
  let sent = 0;
  const close = (time: 'streamEndedAt' | 'clientLeftAt', isReset: boolean): void => {
    over.abort();
    client.release();
    world.meter.openStreams -= 1;
    note(call, { [time]: world.timers.now() });
    body.end(isReset);
  };
  const end = (how: keyof typeof LAST_FRAMES = 'end'): void => {
    const frame = LAST_FRAMES[how];
    if (frame !== undefined) body.push(frame);
    close('streamEndedAt', how === 'reset');
  };
  const send = (): void => {
    const events = interactionEvents(job).slice(from);
    while (!over.aborted && sent !== cut?.afterEvents) {
      const event = events[sent];
      if (event === undefined) break;
      sent += 1;
      body.push(sseFrame(event.event_type, JSON.stringify(event)));
      note(call, { events: sent });
    }
    if (over.aborted) return;
    if (sent === cut?.afterEvents) end(cut.how);
    else if (job.ended) end('done');
  };
  world.meter.openStreams += 1;
  note(call, { events: 0 });
  over.on(world.timers.after(world.settings.streamLimitMs, end));
  client.onLeave(() => close('clientLeftAt', true));
  if (!isSilent && !client.left) {
    over.on(job.onChange(send));
    send();
  }
  return new Response(body.stream, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' } });
}
