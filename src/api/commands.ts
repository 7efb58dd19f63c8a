import type { ServerReference } from './snapshot.js';

/** The way to run the command. With `--no`, npx downloads nothing of that name: there is a key in the environment. */
export const COMMAND = 'npx --no genai-cancel';

const DEFAULT_ORIGIN = 'https://generativelanguage.googleapis.com';

/** Returns the command that cancels a job known by its name. With `server` it has the options for that server. */
export function howToCancel(name: string, server?: ServerReference): string {
  return `${COMMAND} cancel ${word(name)}${flagsOf(server)}`;
}

/** Returns the command that fetches the images of a job known by its name. With `server` it has the options for that server. */
export function howToFetch(name: string, server?: ServerReference, results?: string): string {
  // The command reads no Cloud Storage, where batches on Vertex have their results.
  if (results?.startsWith('gs://') === true) return `gcloud storage cp -r ${word(results)} .`;
  return `${COMMAND} attach ${word(name)} -o .${flagsOf(server)}`;
}

function flagsOf(server: ServerReference | undefined): string {
  if (server === undefined) return '';
  const { vertexai, origin = DEFAULT_ORIGIN, path = '', project, location } = server;
  const baseUrl = `${origin}${path.replace(/\/$/, '')}`;
  if (!vertexai) return baseUrl === DEFAULT_ORIGIN ? '' : flag('base-url', baseUrl);
  return flag('project', project) + flag('location', location);
}

/** Writes an option of the command, with a space in front; nothing where it has no value. */
export function flag(name: string, value: string | undefined): string {
  return value === undefined ? '' : ` --${name} ${word(value)}`;
}

/** Quotes a word for a shell: names come from the server. */
function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
