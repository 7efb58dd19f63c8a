import { GoogleGenAI } from '@google/genai';
import { serverOf } from '../google/server.js';
import { cancelable } from '../node/cancelable.js';
import type { OperationSnapshot } from '../api/snapshot.js';
import type { CommandOf } from './arguments.js';
import { CliFailure } from './failure.js';
import { chosenJournal, findOperation } from './journal.js';
import { readKey, type Environment } from './surroundings.js';
import { harmless } from './view/paint.js';

/** A client, and what has to be ended after it. */
export interface Connection {
  readonly client: GoogleGenAI;
  /** Says how much the work has cost so far: on the emulator. */
  readonly cost?: () => string;
  readonly close?: () => Promise<void>;
}

/** Connects to Google, or to where GOOGLE_GEMINI_BASE_URL says. */
export function connect(apiVersion: string | undefined, env: Environment): GoogleGenAI {
  const apiKey = readKey(env);
  // With both set, the SDK would say that it takes the other one, which is not so.
  delete process.env['GOOGLE_API_KEY'];
  return createClient(apiKey, apiVersion);
}

/** Finds what is meant in the journal, if it is no name of a job, and connects to the server where it is. */
export async function reach({ target, journal, apiVersion }: Omit<CommandOf<'cancel'>, 'name'>, env: Environment) {
  const found = 'name' in target ? target : await findOperation(journal, target.id);
  const client = connect(apiVersion, env);
  if ('record' in found) expectServer(client, found.record);
  const images = cancelable(client, { journal: chosenJournal(journal) });
  /** The argument for `attach()`. */
  const subject = 'record' in found ? found.record : found.name;
  return { images, subject, isAlive: 'record' in found && !found.isOrphan };
}

/** Starts an emulator in this process, on the loopback interface, and connects to it. */
export async function connectToEmulator(workMs: number, apiVersion: string | undefined): Promise<Connection> {
  const { createEmulator } = await import('../testing/http/index.js');
  const emulator = createEmulator({ workMs });
  const server = await emulator.listen();
  const { meter } = emulator;
  const seconds = (ms: number): string => (ms / 1000).toFixed(1);
  return {
    client: createClient('emulator', apiVersion, server.url),
    cost: () => {
      const wholeMs = meter.jobs.reduce((sum, job) => sum + job.workMs, 0);
      return `The emulated GPU worked for ${seconds(meter.gpuMs())} of the ${seconds(wholeMs)} s that was asked of it.`;
    },
    close: () => {
      // Jobs that could not be cancelled go on. They must not keep the process.
      emulator.reset();
      return server.close();
    },
  };
}

/** Refuses another server: there, the name could be that of somebody else's job. */
function expectServer(client: GoogleGenAI, { id, server }: OperationSnapshot): void {
  const { origin } = serverOf(client);
  if (server.vertexai) throw new CliFailure(`${id} is of Vertex, which needs a program of yours.`, 1);
  if (server.origin === undefined || server.origin === origin) return;
  const [theirs, ours] = [server.origin, origin ?? 'another'].map(harmless);
  throw new CliFailure(`${id} was started on ${theirs}, and this would ask ${ours}: set GOOGLE_GEMINI_BASE_URL.`, 1);
}

/** Sets `vertexai: false`, because the environment could say otherwise, and the key is one of Gemini's. */
function createClient(apiKey: string, apiVersion: string | undefined, baseUrl?: string): GoogleGenAI {
  return new GoogleGenAI({
    apiKey,
    vertexai: false,
    ...(apiVersion === undefined ? {} : { apiVersion }),
    ...(baseUrl === undefined ? {} : { httpOptions: { baseUrl } }),
  });
}
