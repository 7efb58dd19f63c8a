import type { CancelTemplate } from './port.js';
import { apiClientOf, type ApiClientSlice, type GenAIClient } from './sdk.js';

/** Where the collections of the API are; `undefined` when the SDK's HTTP client is not where it was. */
function collectionUrl(apiClient: ApiClientSlice | undefined): string | undefined {
  const baseUrl = apiClient?.getBaseUrl?.();
  const apiVersion = apiClient?.getApiVersion?.();
  if (apiClient === undefined || baseUrl === undefined || apiVersion === undefined) return undefined;
  return `${baseUrl.replace(/\/+$/, '')}/${apiVersion}`;
}

/** On Vertex the path names the project and location, except with an express key, which has none. */
function scopeOf(apiClient: ApiClientSlice): string {
  const project = apiClient.getProject?.();
  const location = apiClient.getLocation?.();
  if (apiClient.isVertexAI?.() !== true || !project || !location) return '';
  return `/projects/${encodeURIComponent(project)}/locations/${encodeURIComponent(location)}`;
}

/** The headers of a request with the credentials of now. */
async function credentialHeaders(apiClient: ApiClientSlice): Promise<Readonly<Record<string, string>>> {
  const headers = new Headers(apiClient.getHeaders?.());
  for (const [name, value] of (await apiClient.getAuthHeaders?.()) ?? []) headers.set(name, value);
  return Object.fromEntries(headers);
}

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

/** The cancel calls of batches, whose ids are their names, on Vertex with project and location. */
export async function prepareBatchCancel(client: GenAIClient): Promise<CancelTemplate | undefined> {
  const apiClient = apiClientOf(client);
  const url = collectionUrl(apiClient);
  if (apiClient === undefined || url === undefined) return undefined;
  const headers = await credentialHeaders(apiClient);
  return (id) => ({ name: id, url: `${url}/${id}:cancel`, method: 'POST', headers });
}

/** Reads a file of the Files API. The SDK can only write it to a disk. */
export async function downloadFile(client: GenAIClient, name: string): Promise<Uint8Array> {
  const apiClient = apiClientOf(client);
  const url = collectionUrl(apiClient);
  if (apiClient === undefined || url === undefined) throw new Error('The address of the API is not known.');
  const headers = await credentialHeaders(apiClient);
  const request = apiClient.getFetch?.() ?? fetch;
  const response = await request(`${url}/${name}:download?alt=media`, { headers });
  const { ok, status } = response;
  if (!ok) throw Object.assign(new Error(`HTTP ${status}`), { status, code: status });
  return new Uint8Array(await response.arrayBuffer());
}
