import type { CancelTemplate, PreparedCancel } from './port.js';
import { apiClientOf, type ApiClientSlice, type GenAIClient } from './sdk.js';

/** Finds the address of the API and the credentials of now: nothing when the SDK's HTTP client is not where it was. */
async function endpointOf(apiClient: ApiClientSlice | undefined): Promise<Partial<PreparedCancel>> {
  const baseUrl = apiClient?.getBaseUrl?.();
  const apiVersion = apiClient?.getApiVersion?.();
  if (baseUrl === undefined || apiVersion === undefined) return {};
  const headers = new Headers(apiClient?.getHeaders?.());
  for (const [name, value] of (await apiClient?.getAuthHeaders?.()) ?? []) headers.set(name, value);
  return { url: `${baseUrl.replace(/\/+$/, '')}/${apiVersion}`, headers: Object.fromEntries(headers) };
}

/** On Vertex the path names the project and location, except with an express key, which has none. */
function scopeOf(apiClient: ApiClientSlice | undefined): string {
  const project = apiClient?.getProject?.();
  const location = apiClient?.getLocation?.();
  if (apiClient?.isVertexAI?.() !== true || !project || !location) return '';
  return `/projects/${encodeURIComponent(project)}/locations/${encodeURIComponent(location)}`;
}

/** Prepares the cancel call as the SDK would send it. `undefined`: there is no exit path, and nothing else is lost. */
export async function prepareInteractionCancel(
  apiClient: ApiClientSlice | undefined,
): Promise<CancelTemplate | undefined> {
  const { url, headers = {} } = await endpointOf(apiClient);
  if (url === undefined) return undefined;
  const collection = `${url}${scopeOf(apiClient)}/interactions`;
  const urlOf = (id: string): string => `${collection}/${encodeURIComponent(id)}/cancel`;
  return (id) => ({ name: `interactions/${id}`, url: urlOf(id), method: 'POST', headers });
}

/** The cancel calls of batches, whose ids are their names, on Vertex with project and location. */
export async function prepareBatchCancel(client: GenAIClient): Promise<CancelTemplate | undefined> {
  const { url, headers = {} } = await endpointOf(apiClientOf(client));
  if (url === undefined) return undefined;
  return (id) => ({ name: id, url: `${url}/${id}:cancel`, method: 'POST', headers });
}

/** Reads a file of the Files API. The SDK can only write it to a disk. */
export async function downloadFile(client: GenAIClient, name: string): Promise<Uint8Array> {
  const apiClient = apiClientOf(client);
  const { url, headers = {} } = await endpointOf(apiClient);
  if (url === undefined) throw new Error('The address of the API is not known.');
  const request = apiClient?.getFetch?.() ?? fetch;
  const response = await request(`${url}/${name}:download?alt=media`, { headers });
  const { ok, status } = response;
  if (!ok) throw Object.assign(new Error(`HTTP ${status}`), { status, code: status });
  return new Uint8Array(await response.arrayBuffer());
}
