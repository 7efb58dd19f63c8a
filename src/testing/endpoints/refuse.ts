import type { Answer, Call } from '../call.js';
import { errorOn } from '../errors.js';
import { isObject } from '../json.js';
import { isListed } from '../models.js';
import { isInteraction, type Route, CREATES, isIn } from '../routes.js';

const UNREGISTERED =
  "Method doesn't allow unregistered callers (callers without established identity). " +
  'Please use API Key or other form of API consumer identity to call this API.';
const INVALID = {
  '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
  reason: 'API_KEY_INVALID',
  domain: 'googleapis.com',
  metadata: { service: 'generativelanguage.googleapis.com' },
};

/** Makes the answer to missing or wrong credentials; undefined for good ones. */
export function refuseCredentials(
  request: Request,
  url: URL,
  route: Route,
  apiKey: string | undefined,
): Response | undefined {
  // The address of an upload is a secret of its own.
  if (request.headers.get('authorization') !== null || url.searchParams.has('upload_id')) return undefined;
  const key = request.headers.get('x-goog-api-key') ?? url.searchParams.get('key') ?? '';
  if (key === '') return errorOn(route, isInteraction(route) ? 401 : 403, UNREGISTERED);
  if (apiKey === undefined || key === apiKey) return undefined;
  const message = 'API key not valid. Please pass a valid API key.';
  return isInteraction(route) ? errorOn(route, 401, message) : errorOn(route, 400, message, { details: [INVALID] });
}

/** Refuses requests before their endpoint sees them: too large ones, and those for a model that is not there. */
export const refuse = (call: Call): Answer | undefined => refuseSize(call) ?? refuseModel(call);

function refuseSize({ match: { route, collection }, record, world: { settings } }: Call): Answer | undefined {
  // Vertex's batches read their requests from elsewhere.
  const isInlined = /generateContent$/i.test(route) || (route === 'batch-create' && collection === 'batches');
  const inlinedLimit = isInlined ? settings.inlinedLimitBytes : Infinity;
  const limit = isInteraction(route) ? settings.interactionLimitBytes : inlinedLimit;
  if (record.bodyBytes <= limit) return undefined;
  return () => errorOn(route, 400, `Request payload size exceeds the limit: ${limit} bytes.`);
}

function refuseModel({ match: { route, version = '' }, record, target: { model }, world }: Call): Answer | undefined {
  const isAgent = isObject(record.body) && record.body['agent'] !== undefined;
  if (isAgent || !isIn([...CREATES, 'model-get'], route)) return undefined;
  if (model === undefined || model === '' || world.hasModel(model)) return undefined;
  const message = isListed(model, world.settings.retired)
    ? `This model models/${model} is no longer available. Please update your code to use a newer model.`
    : `models/${model} is not found for API version ${version}.`;
  return () => errorOn(route, 404, message, { code: 'model_not_found' });
}
