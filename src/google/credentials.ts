import type { ApiClientSlice } from './sdk.js';

/** Where the collections of the API are; `undefined` when the SDK's HTTP client is not where it was. */
export function collectionUrl(apiClient: ApiClientSlice | undefined): string | undefined {
  const baseUrl = apiClient?.getBaseUrl?.();
  const apiVersion = apiClient?.getApiVersion?.();
  if (apiClient === undefined || baseUrl === undefined || apiVersion === undefined) return undefined;
  return `${baseUrl.replace(/\/+$/, '')}/${apiVersion}`;
}

/** On Vertex the path names the project and location, except with an express key, which has none. */
export function scopeOf(apiClient: ApiClientSlice): string {
  const project = apiClient.getProject?.();
  const location = apiClient.getLocation?.();
  if (apiClient.isVertexAI?.() !== true || !project || !location) return '';
  return `/projects/${encodeURIComponent(project)}/locations/${encodeURIComponent(location)}`;
}

/** The headers of a request with the credentials of now. */
export async function credentialHeaders(apiClient: ApiClientSlice): Promise<Readonly<Record<string, string>>> {
  const headers = new Headers(apiClient.getHeaders?.());
  for (const [name, value] of (await apiClient.getAuthHeaders?.()) ?? []) headers.set(name, value);
  return Object.fromEntries(headers);
}
