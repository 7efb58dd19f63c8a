import type { CancelTemplate } from '../backend.js';
import type { ApiClientSlice } from '../sdk.js';

/**
 * Address and headers of the cancel call, as the SDK would send it. `undefined` when the SDK's HTTP client is not where it
 * was: then there is no exit path, and nothing else is lost.
 */
export async function prepareInteractionCancel(
  apiClient: ApiClientSlice | undefined,
): Promise<CancelTemplate | undefined> {
  const baseUrl = apiClient?.getBaseUrl?.();
  const apiVersion = apiClient?.getApiVersion?.();
  if (apiClient === undefined || baseUrl === undefined || apiVersion === undefined) return undefined;
  const headers = new Headers(apiClient.getHeaders?.());
  for (const [name, value] of (await apiClient.getAuthHeaders?.()) ?? []) headers.set(name, value);
  const collection = `${baseUrl.replace(/\/+$/, '')}/${apiVersion}${scopeOf(apiClient)}/interactions`;
  return (id) => ({
    name: `interactions/${id}`,
    url: `${collection}/${encodeURIComponent(id)}/cancel`,
    method: 'POST',
    headers: Object.fromEntries(headers),
  });
}

/** On Vertex the path names the project and location, except with an express key, which has none. */
function scopeOf(apiClient: ApiClientSlice): string {
  const project = apiClient.getProject?.();
  const location = apiClient.getLocation?.();
  if (apiClient.isVertexAI?.() !== true || !project || !location) return '';
  return `/projects/${encodeURIComponent(project)}/locations/${encodeURIComponent(location)}`;
}
