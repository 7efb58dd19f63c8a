import { googleError } from './errors.js';

/** What Google answers when the credentials are missing or wrong; undefined when they will do. */
export function refuseCredentials(request: Request, url: URL, apiKey: string | undefined): Response | undefined {
  if (request.headers.get('authorization') !== null) return undefined;
  const key = request.headers.get('x-goog-api-key') ?? url.searchParams.get('key') ?? '';
  if (key === '') {
    return googleError(
      403,
      "Method doesn't allow unregistered callers (callers without established identity). " +
        'Please use API Key or other form of API consumer identity to call this API.',
    );
  }
  if (apiKey === undefined || key === apiKey) return undefined;
  return googleError(400, 'API key not valid. Please pass a valid API key.', {
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'API_KEY_INVALID',
        domain: 'googleapis.com',
        metadata: { service: 'generativelanguage.googleapis.com' },
      },
    ],
  });
}
