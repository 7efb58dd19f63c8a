import type { Answer, Call } from '../call.js';
import { cancelTooLate, errorOn, failedPrecondition, interactionError, jsonResponse, notFound } from '../errors.js';
import type { Refusal } from '../faults.js';
import { interactionEvents, interactionResource, storedInteraction } from '../interaction-resource.js';
import { openStream } from '../interaction-stream.js';
import type { Job } from '../job.js';
import type { Access } from '../settings.js';
import type { World } from '../world.js';
import { parseCreate } from './create-request.js';

const REFUSALS = {
  400: 'background=true is only supported for agent interactions.',
  404: 'Method not found.',
  405: 'Method not allowed.',
  501: 'Operation is not implemented, or supported, or enabled.',
} as const;

/** `POST …/interactions` */
export function create(call: Call): Answer {
  const { world, client, record } = call;
  const request = parseCreate(record.body, world.settings);
  if (request instanceof Response) return () => request;
  const { model, image, seed, asUri, background, stream, interaction } = request;
  const refusal = refuseBackground(call, background) ?? refusePrevious(world, interaction.previous);
  if (refusal !== undefined) return refusal;
  const kind = background ? 'background' : 'synchronous';
  const id = world.newId('interactions');
  const spec = { kind, id, interaction, model, image, seed, origin: call.url.origin } as const;
  const job = world.start(spec, call.target, { asUri });
  call.note({ job: job.record.name });
  if (!background) client.onLeave(() => job.markClientGone());
  if (stream) return () => openStream({ world, job, client, record, from: 0, silent: false });
  if (background) return resourceAnswer(world, job);
  return async () => {
    await job.whenEnded();
    return resourceAnswer(world, job)();
  };
}

/** Refuses a create where there is no background for models, or no interactions at all. */
function refuseBackground(call: Call, isBackground: boolean): Answer | undefined {
  const { background } = call.world.settings;
  const set: Refusal | undefined = background === 'refused' ? {} : background === 'accepted' ? undefined : background;
  const refusal = (isBackground ? call.strike('background-refused') : undefined) ?? set;
  if (refusal === undefined) return undefined;
  const { status = 400, message = REFUSALS[status], gateway } = refusal;
  if (status === 400 && !isBackground) return undefined;
  return () => errorOn('create', status, message, { gateway });
}

function refusePrevious(world: World, id: string | undefined): Answer | undefined {
  if (id === undefined) return undefined;
  const previous = world.find(id);
  if (previous === undefined) return () => interactionError(404, 'The previous interaction was not found.');
  if (previous.ended) return undefined;
  return () => failedPrecondition('create', 'The previous interaction is still in progress.');
}

/** `GET …/interactions/{id}` */
export function get(call: Call): Answer {
  const job = findJob(call);
  if (job === undefined) return () => notFound('get');
  const denial = denied(call, job, call.world.settings.whileRunning.reads);
  if (denial !== undefined) return denial;
  const resource = storedInteraction(job, call.world.settings);
  return () => jsonResponse(resource);
}

/** `GET …/interactions/{id}?stream=true[&last_event_id=…]` */
export function stream(call: Call): Answer {
  const { world, client, record, url } = call;
  const job = findJob(call);
  const isHidden = world.settings.whileRunning.reads === 'not-found' && job?.ended === false;
  if (job === undefined || isHidden) return () => notFound('stream');
  const from = resumePosition(job, world, url.searchParams.get('last_event_id'));
  if (from === undefined) return () => interactionError(400, 'Invalid `last_event_id`.');
  if (call.strike('stream-as-json')) return resourceAnswer(world, job);
  const cut = call.strike('cut');
  const silent = call.strike('silent') !== undefined;
  return () => openStream({ world, job, client, record, from, cut, silent });
}

/** `POST …/interactions/{id}/cancel` */
export function cancel(call: Call): Answer {
  const { world } = call;
  const job = findJob(call);
  if (job === undefined) return () => notFound('cancel');
  const denial = denied(call, job, world.settings.whileRunning.cancels);
  if (denial !== undefined) return denial;
  if (job.record.kind !== 'background') {
    return () => failedPrecondition('cancel', 'Only background interactions can be cancelled.');
  }
  const { cancelAfterEnd } = world.settings;
  if (job.ended) return () => cancelTooLate('cancel', cancelAfterEnd, resourceAnswer(world, job));
  if (call.strike('cancel-ignored')) return resourceAnswer(world, job);
  job.cancel(call.strike('cancel-lag')?.ms ?? 0);
  if (call.strike('cancel-499')) return () => interactionError(499, 'The operation was cancelled.');
  return resourceAnswer(world, job);
}

/** `DELETE …/interactions/{id}`: the record goes, the work does not stop. */
export function remove(call: Call): Answer {
  const job = findJob(call);
  if (job === undefined) return () => notFound('delete');
  job.markDeleted();
  return () => jsonResponse({});
}

function findJob(call: Call): Job | undefined {
  const job = call.world.find(call.match.id);
  if (job !== undefined) call.note({ job: job.record.name });
  return job;
}

/** Takes the resource as it is now, also for an answer that goes out later. */
function resourceAnswer({ settings }: World, job: Job): () => Response {
  const resource = interactionResource(job, settings);
  return () => jsonResponse(resource);
}

/** Denies access to a job as long as it runs. */
function denied(call: Call, job: Job, access: Access = 'allowed'): Answer | undefined {
  if (job.ended) return undefined;
  const isForbidden = call.strike('forbidden-while-running') !== undefined || access === 'forbidden';
  if (isForbidden) return () => interactionError(403, 'The caller does not have permission');
  return access === 'not-found' ? () => notFound('get') : undefined;
}

/** Counts the events to pass over; undefined for an id that is none of this job's. */
function resumePosition(job: Job, { settings }: World, lastEventId: string | null): number | undefined {
  if (lastEventId === null || lastEventId === '') return 0;
  const seen = interactionEvents(job, settings).findIndex(({ event_id: id }) => id === lastEventId);
  return seen === -1 ? undefined : seen + 1;
}
