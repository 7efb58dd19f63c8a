import type { Answer, Call } from '../call.js';
import { errorOn } from '../errors.js';
import { isObject } from '../json.js';
import { isListed } from '../models.js';
import { CREATES, isIn, isInteraction } from '../routes.js';

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
  if (
    !isIn([...CREATES, 'model-get'], route) ||
    isAgent ||
    model === undefined ||
    model === '' ||
    world.hasModel(model)
  )
    return undefined;
  const message = isListed(model, world.settings.retired)
    ? `This model models/${model} is no longer available. Please update your code to use a newer model.`
    : `models/${model} is not found for API version ${version}.`;
  return () => errorOn(route, 404, message, { code: 'model_not_found' });
}
