import type { Answer, Call } from '../call.js';
import { googleError, jsonResponse, notFound } from '../errors.js';
import { interactionEvents } from '../interaction-events.js';
import { interactionResource } from '../interaction-resource.js';
import { openStream } from '../interaction-stream.js';
import type { Job } from '../job.js';
import type { World } from '../world.js';
import { parseCreate } from './create-request.js';

/** `POST …/interactions` */
export function create(call: Call): Answer {
  const { world, client, record } = call;
  const request = parseCreate(record.body);
  if (typeof request === 'string') return () => googleError(400, request);
  if (request.background && call.strike('background-refused')) {
    return () => googleError(400, 'background=true is only supported for agent interactions.');
  }
  const kind = request.background ? 'background' : 'synchronous';
  const { model, agent = false, image, seed, asUri, stream } = request;
  const spec = { kind, id: world.newId(), model, agent, image, seed, origin: call.url.origin } as const;
  const job = world.start(spec, call.target, { asUri });
  call.note({ job: job.record.name });
  if (request.background) return resourceAnswer(world, job);
  client.onLeave(() => job.markClientGone());
  if (stream) return () => openStream({ world, job, client, record, from: 0, silent: false });
  return async () => {
    await job.whenEnded();
    return resourceAnswer(world, job)();
  };
}

/** `GET …/interactions/{id}` */
export function get(call: Call): Answer {
  const job = findJob(call);
  if (job === undefined) return notFound;
  return forbidden(call, job) ?? resourceAnswer(call.world, job);
}

/** `GET …/interactions/{id}?stream=true[&last_event_id=…]` */
export function stream(call: Call): Answer {
  const { world, client, record, url } = call;
  const job = findJob(call);
  if (job === undefined) return notFound;
  const from = resumePosition(job, world, url.searchParams.get('last_event_id'));
  if (from === undefined) return () => googleError(400, 'Invalid `last_event_id`.');
  if (call.strike('stream-as-json')) return resourceAnswer(world, job);
  const cut = call.strike('cut');
  const silent = call.strike('silent') !== undefined;
  return () => openStream({ world, job, client, record, from, cut, silent });
}

/** `POST …/interactions/{id}/cancel` */
export function cancel(call: Call): Answer {
  const { world } = call;
  const job = findJob(call);
  if (job === undefined) return notFound;
  const refusal = forbidden(call, job);
  if (refusal !== undefined) return refusal;
  if (job.record.kind !== 'background' || job.ended) return cancelTooLate(world, job);
  if (call.strike('cancel-ignored')) return resourceAnswer(world, job);
  job.cancel(call.strike('cancel-lag')?.ms ?? 0);
  if (call.strike('cancel-499')) return () => googleError(499, 'The operation was cancelled.');
  return resourceAnswer(world, job);
}

/** `DELETE …/interactions/{id}`: the record goes, the work does not stop. */
export function remove(call: Call): Answer {
  const job = findJob(call);
  if (job === undefined) return notFound;
  job.markDeleted();
  return () => jsonResponse({});
}

/** `GET …/files/{id}:download`: the picture of an interaction that delivered it as a uri. */
export function file(call: Call): Answer {
  const { image } = call.world.find(call.match.id) ?? {};
  if (image === undefined) return notFound;
  return () => new Response(image.bytes.slice(), { headers: { 'content-type': image.mimeType } });
}

function findJob(call: Call): Job | undefined {
  const job = call.world.find(call.match.id);
  if (job !== undefined) call.note({ job: job.record.name });
  return job;
}

/** The resource as it is now, whenever the answer goes out. */
function resourceAnswer({ settings: { usageWhenCancelled } }: World, job: Job): Answer {
  const resource = interactionResource(job, { usageWhenCancelled });
  return () => jsonResponse(resource);
}

function forbidden(call: Call, job: Job): Answer | undefined {
  if (job.ended || !call.strike('forbidden-while-running')) return undefined;
  return () => googleError(403, 'The caller does not have permission');
}

function cancelTooLate({ settings }: World, job: Job): Answer {
  if (job.record.kind !== 'background') {
    return () => googleError(400, 'Only background interactions can be cancelled.', { status: 'FAILED_PRECONDITION' });
  }
  switch (settings.cancelAfterEnd) {
    case 200:
      return () => jsonResponse(interactionResource(job));
    case 404:
      return notFound;
    case 409:
      return () => googleError(409, 'The interaction is no longer running.');
    case 400:
      return () => googleError(400, 'The interaction is not running.', { status: 'FAILED_PRECONDITION' });
  }
}

/** How many events to pass over; undefined for an id that is none of this job's. */
function resumePosition(job: Job, { settings }: World, lastEventId: string | null): number | undefined {
  if (lastEventId === null || lastEventId === '') return 0;
  const seen = interactionEvents(job, settings).findIndex(({ event_id: id }) => id === lastEventId);
  return seen === -1 ? undefined : seen + 1;
}
