import { errorOn } from './errors.js';
import { isInteraction, type Route } from './routes.js';

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
