import type { ServerReference } from '../api/snapshot.js';
import { compact } from '../util/json.js';
import { apiClientOf, type GenAIClient } from './sdk.js';

/** Which server a client talks to. Without its credentials, also those that a URL may hold. */
export function serverOf(client: GenAIClient): ServerReference {
  const apiClient = apiClientOf(client);
  const baseUrl = apiClient?.getBaseUrl?.() ?? '';
  const { origin, pathname = '' } = URL.canParse(baseUrl) ? new URL(baseUrl) : {};
  const project = client.vertexai ? apiClient?.getProject?.() : undefined;
  const location = client.vertexai ? apiClient?.getLocation?.() : undefined;
  const path = origin === undefined ? undefined : `${pathname.replace(/\/+$/, '')}/`;
  return compact({ vertexai: client.vertexai, origin, path, project, location });
}
