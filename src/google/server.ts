import type { ServerReference } from '../api/snapshot.js';
import { apiClientOf, type GenAIClient } from './sdk.js';

/** Which server a client talks to. Without its credentials, also those that a URL may hold. */
export function serverOf(client: GenAIClient): ServerReference {
  const apiClient = apiClientOf(client);
  const baseUrl = apiClient?.getBaseUrl?.() ?? '';
  const { origin, pathname = '' } = URL.canParse(baseUrl) ? new URL(baseUrl) : {};
  const project = client.vertexai ? apiClient?.getProject?.() : undefined;
  const location = client.vertexai ? apiClient?.getLocation?.() : undefined;
  return {
    vertexai: client.vertexai,
    ...(origin === undefined ? {} : { origin, path: `${pathname.replace(/\/+$/, '')}/` }),
    ...(project === undefined ? {} : { project }),
    ...(location === undefined ? {} : { location }),
  };
}

/** In what two servers differ: the option to change. `undefined` if names of one mean the same to the other. */
export function differenceOf(wanted: ServerReference, given: ServerReference): keyof ServerReference | undefined {
  for (const key of ['vertexai', 'origin', 'path', 'project', 'location'] as const) {
    const [one, other] = [wanted[key], given[key]];
    // What is not known of one of them is not held against it.
    if (one !== undefined && other !== undefined && one !== other) return key;
  }
  return undefined;
}
