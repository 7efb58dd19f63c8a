import { GoogleGenAI } from '@google/genai';
import { warmFetch } from '../node/warm-fetch.js';
import { serverOf } from '../google/sdk.js';
import { compact } from '../util/json.js';
import { differenceOf, type OperationSnapshot, type ServerReference } from '../api/snapshot.js';
import type { Command } from './arguments.js';
import { CliFailure } from './failure.js';
import { readKey, type Environment } from './surroundings.js';

/** Connects to the Gemini API by a key, or to Vertex by the credentials of the machine if a project or location is given. */
export function connect({ apiVersion, baseUrl, project, location }: Command['server'], env: Environment) {
  const isVertex = project !== undefined || location !== undefined;
  return new GoogleGenAI({
    // The environment could say otherwise, and the key is one of Gemini's.
    vertexai: isVertex,
    ...compact({ apiKey: isVertex ? undefined : readKey(env), project, location, apiVersion }),
    httpOptions: compact({ baseUrl, fetch: warmFetch() }),
  });
}

/** Refuses another server: there, the name could be that of somebody else's job. */
export function expectServer(client: GoogleGenAI, { id, server }: OperationSnapshot): void {
  const ours = serverOf(client);
  const { vertexai, project = 'PROJECT', location = 'LOCATION' } = server;
  const difference = differenceOf(server, ours);
  if (difference === undefined) return;
  if (difference === 'origin' || difference === 'path') {
    const text = `${id} was started on ${baseUrlOf(server)}, and this would ask ${baseUrlOf(ours)}`;
    throw new CliFailure(`${text}: set GOOGLE_GEMINI_BASE_URL, or give --base-url.`, 1);
  }
  const how = vertexai ? `give --project ${project} --location ${location}` : 'leave out --project and --location';
  throw new CliFailure(`${id} was started on ${vertexai ? 'Vertex' : 'the Gemini API'}: ${how}.`, 1);
}

const baseUrlOf = ({ origin = 'another', path = '' }: ServerReference): string => `${origin}${path.replace(/\/$/, '')}`;
