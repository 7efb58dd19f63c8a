import type { ServerReference } from './snapshot.js';

const DEFAULT_ORIGIN = 'https://generativelanguage.googleapis.com';

/** Returns the command that cancels a job known by its name. */
export function howToCancel(name: string): string {
  return `npx genai-cancel cancel ${name}`;
}

/** Returns the command that fetches the images of a job known by its name. */
export function howToFetch(name: string, server: ServerReference, results?: string): string {
  // The command reads no Cloud Storage, where batches on Vertex have their results.
  if (results?.startsWith('gs://') === true) return `gcloud storage cp -r ${results} .`;
  return `npx --no genai-cancel attach ${name} -o .${flagsOf(server)}`;
}

function flagsOf({ vertexai, origin, path = '', project, location }: ServerReference): string {
  const baseUrl = `${origin ?? DEFAULT_ORIGIN}${path.replace(/\/$/, '')}`;
  if (!vertexai) return baseUrl === DEFAULT_ORIGIN ? '' : ` --base-url ${baseUrl}`;
  return [
    project === undefined ? '' : ` --project ${project}`,
    location === undefined ? '' : ` --location ${location}`,
  ].join('');
}
