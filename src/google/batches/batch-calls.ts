import type { CancelTemplate } from '../port.js';
import { collectionUrl, credentialHeaders } from '../credentials.js';
import { apiClientOf, type BatchCall, type GenAIClient } from '../sdk.js';

/** The config of a call that names a batch: one try, so long. */
export function callConfig(timeoutMs: number): BatchCall['config'] {
  return { httpOptions: { timeout: Math.max(1, Math.ceil(timeoutMs)), retryOptions: { attempts: 1 } } };
}

/** The cancel calls of batches, whose ids are their names, on Vertex with project and location. */
export async function prepareBatchCancel(client: GenAIClient): Promise<CancelTemplate | undefined> {
  const apiClient = apiClientOf(client);
  const url = collectionUrl(apiClient);
  if (apiClient === undefined || url === undefined) return undefined;
  const headers = await credentialHeaders(apiClient);
  return (id) => ({ name: id, url: `${url}/${id}:cancel`, method: 'POST', headers });
}
