import type { CancelTemplate } from '../port.js';
import { collectionUrl, credentialHeaders, scopeOf } from '../credentials.js';
import type { ApiClientSlice } from '../sdk.js';

/**
 * Address and headers of the cancel call, as the SDK would send it. `undefined` when the SDK's HTTP client is not where it
 * was: then there is no exit path, and nothing else is lost.
 */
export async function prepareInteractionCancel(
  apiClient: ApiClientSlice | undefined,
): Promise<CancelTemplate | undefined> {
  const url = collectionUrl(apiClient);
  if (apiClient === undefined || url === undefined) return undefined;
  const headers = await credentialHeaders(apiClient);
  const collection = `${url}${scopeOf(apiClient)}/interactions`;
  return (id) => ({
    name: `interactions/${id}`,
    url: `${collection}/${encodeURIComponent(id)}/cancel`,
    method: 'POST',
    headers,
  });
}
