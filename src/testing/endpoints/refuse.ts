import { errorOn, failPrecondition, refuse, refuseUnfound } from '../errors.js';
import { isObject } from '../json.js';
import { isKnown, isListed, knownModels } from '../models.js';
import { CREATES, isInteraction, type Route } from '../routes.js';
import type { Access } from '../settings.js';
import type { Work } from '../job.js';
import { note, strike, type Call } from '../world.js';

const UNREGISTERED =
  "Method doesn't allow unregistered callers (callers without established identity). " +
  'Please use API Key or other form of API consumer identity to call this API.';
const INVALID = {
  '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
  reason: 'API_KEY_INVALID',
  domain: 'googleapis.com',
  metadata: { service: 'generativelanguage.googleapis.com' },
};

export function refuseCredentials(headers: Headers, url: URL, route: Route, apiKey?: string): Response | undefined {
  if (route === 'jwks') return undefined;
  // The address of an upload is a secret of its own.
  if (headers.get('authorization') !== null || url.searchParams.has('upload_id')) return undefined;
  const key = headers.get('x-goog-api-key') ?? url.searchParams.get('key') ?? '';
  if (key === '') return errorOn(route, isInteraction(route) ? 401 : 403, UNREGISTERED);
  if (apiKey === undefined || key === apiKey) return undefined;
  const message = 'API key not valid. Please pass a valid API key.';
  return isInteraction(route) ? errorOn(route, 401, message) : errorOn(route, 400, message, { details: [INVALID] });
}

export function refuseSize({ match: { route, collection }, record, world: { settings } }: Call): void {
  // Vertex's batches read their requests from elsewhere.
  const isInlined = /generateContent$/i.test(route) || (route === 'batch-create' && collection === 'batches');
  const inlinedLimit = isInlined ? settings.inlinedLimitBytes : Infinity;
  const limit = isInteraction(route) ? settings.interactionLimitBytes : inlinedLimit;
  if (record.bodyBytes > limit) refuse(400, `Request payload size exceeds the limit: ${limit} bytes.`);
}

/** Refuses a request for a model that is not there, and warns once of one that is not known. */
export function refuseModel({ match: { route, version = '' }, record, target, world }: Call): void {
  const { model = '' } = target;
  const { retired, models, warn } = world.settings;
  const isAgent = isObject(record.body) && record.body['agent'] !== undefined;
  if (isAgent || model === '' || ![...CREATES, 'model-get'].includes(route)) return;
  const gone = `This model models/${model} is no longer available. Please update your code to use a newer model.`;
  if (isListed(model, retired)) refuse(404, gone, { code: 'model_not_found' });
  if (isKnown(model) || world.warned.has(model)) return;
  const unknown = `models/${model} is not found for API version ${version}.`;
  if (models === 'strict') refuse(404, unknown, { code: 'model_not_found' });
  world.warned.add(model);
  const what = `The emulator does not know the model ${JSON.stringify(model)} and takes it for an image model.`;
  warn(`${what} Known: ${knownModels(retired)}`);
}

/** Notes the work that a request is about, and refuses when there is none. */
export function noted<T extends Work>(call: Call, work: T | undefined): T {
  const found = work ?? refuseUnfound();
  note(call, { job: found.record.name });
  return found;
}

export function denyWhileRunning(call: Call, { ended }: Work, access: Access = 'allowed'): void {
  if (ended) return;
  const isForbidden = strike(call, 'forbidden-while-running') !== undefined || access === 'forbidden';
  if (isForbidden) refuse(403, 'The caller does not have permission');
  if (access === 'not-found') refuseUnfound();
}

/** Cancels work, if no fault comes in between. One that comes too late is answered as it is set. */
export function cancelWork(call: Call, work: Work): void {
  const { cancelAfterEnd } = call.world.settings;
  if (work.ended) {
    if (cancelAfterEnd === 404) refuseUnfound();
    if (cancelAfterEnd === 409) refuse(409, 'It is no longer running.');
    if (cancelAfterEnd === 400) failPrecondition('It is no longer running.');
    return;
  }
  work.cancelSent = true;
  if (strike(call, 'cancel-ignored')) return;
  work.cancel(strike(call, 'cancel-lag')?.ms ?? 0);
  if (strike(call, 'cancel-499')) refuse(499, 'The operation was cancelled.');
}
