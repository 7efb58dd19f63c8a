import { GoogleGenAI } from '@google/genai';
import { serverOf } from '../backends/server.js';
import type { OperationSnapshot } from '../operation/snapshot.js';
import type { Emulator, EmulatorServer } from '../testing/http/index.js';
import { CliFailure } from './failure.js';
import { readKey } from './key.js';
import { harmless } from './view/paint.js';

/** A client, and what has to be ended after it. */
export interface Connection {
  readonly client: GoogleGenAI;
  /** What the work has cost so far, where anyone can tell: on the emulator. */
  cost(): string | undefined;
  close(): Promise<void>;
}

/** Connects to Google, or to where GOOGLE_GEMINI_BASE_URL says. */
export function connect(apiVersion: string | undefined): Connection {
  const apiKey = readKey(process.env);
  // With both set, the SDK would say that it takes the other one, which is not so.
  delete process.env['GOOGLE_API_KEY'];
  return {
    client: createClient(apiKey, apiVersion),
    cost: () => undefined,
    close: () => Promise.resolve(),
  };
}

/** Starts an emulator in this process, on the loopback interface, and connects to it. */
export async function connectToEmulator(workMs: number, apiVersion: string | undefined): Promise<Connection> {
  const { createEmulator } = await import('../testing/http/index.js');
  const emulator = createEmulator({ workMs });
  const server = await emulator.listen();
  return {
    client: createClient('emulator', apiVersion, server.url),
    cost: () => costOf(emulator),
    close: () => end(emulator, server),
  };
}

/** A name of one server, sent to another, could even be the name of somebody else's job. */
export function expectServer(client: GoogleGenAI, { id, server }: OperationSnapshot): void {
  const { origin } = serverOf(client);
  if (server.vertexai) throw new CliFailure(`${id} is of Vertex, which needs a program of yours.`, 1);
  if (server.origin === undefined || server.origin === origin) return;
  const [theirs, ours] = [server.origin, origin ?? 'another'].map(harmless);
  throw new CliFailure(`${id} was started on ${theirs}, and this would ask ${ours}: set GOOGLE_GEMINI_BASE_URL.`, 1);
}

/** `vertexai: false`, because the environment could say otherwise, and a key of Gemini's is what we have. */
function createClient(apiKey: string, apiVersion: string | undefined, baseUrl?: string): GoogleGenAI {
  return new GoogleGenAI({
    apiKey,
    vertexai: false,
    ...(apiVersion === undefined ? {} : { apiVersion }),
    ...(baseUrl === undefined ? {} : { httpOptions: { baseUrl } }),
  });
}

function costOf({ meter }: Emulator): string {
  const wholeMs = meter.jobs.reduce((sum, { workMs }) => sum + workMs, 0);
  return `The emulated GPU worked for ${seconds(meter.gpuMs())} of the ${seconds(wholeMs)} s that was asked of it.`;
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1);

/** Jobs that go on, since nobody could stop them, must not keep the process. */
async function end(emulator: Emulator, server: EmulatorServer): Promise<void> {
  emulator.reset();
  await server.close();
}
