import { GoogleGenAI } from '@google/genai';
import { cancelable, type CancelableImages, type CancelableOptions, type Operation } from '../../src/index.js';
import { createEmulator, createVirtualClock, type Emulator, type VirtualClock } from '../../src/testing/index.js';
import { fakeAuthClient } from '../support/setup.js';
import { HostileServer, type Trick } from './hostile-server.js';
import { API_KEY } from './secrets.js';

/** The budgets of every operation here, in ms of the virtual clock. */
export const BUDGETS = {
  timeoutMs: 40_000,
  cancelTimeoutMs: 4_000,
  limits: { submitMs: 10_000, watchMs: 30_000, salvageMs: 5_000 },
} as const;

/** By then it has settled, whatever was answered: the time-out, the cancel, and what a journal may take. */
const LONGEST_MS = BUDGETS.timeoutMs + BUDGETS.cancelTimeoutMs + 2_000;

/** The library, through the real SDK, against a hostile server, on a clock that stands still. */
export interface Arena {
  readonly clock: VirtualClock;
  readonly emulator: Emulator;
  readonly server: HostileServer;
  readonly images: CancelableImages;
}

export function arena(tricks: readonly Trick[], options: { vertex?: boolean; client?: CancelableOptions } = {}): Arena {
  const clock = createVirtualClock();
  const emulator = createEmulator({ clock, retired: [], queueMs: 100, workMs: 1_000, batchQueueMs: 500 });
  const server = new HostileServer(emulator.fetch, tricks);
  const credentials = options.vertex
    ? { vertexai: true, project: 'a-project', location: 'global', googleAuthOptions: { authClient: fakeAuthClient() } }
    : { apiKey: API_KEY };
  const ai = new GoogleGenAI({ ...credentials, httpOptions: { fetch: server.fetch } } as ConstructorParameters<
    typeof GoogleGenAI
  >[0]);
  return { clock, emulator, server, images: cancelable(ai, { clock, ...BUDGETS, ...options.client }) };
}

/** The end of an operation, and all that was said on the way. */
export interface Ending {
  readonly operation: Operation;
  readonly response?: unknown;
  readonly error?: unknown;
  readonly warnings: readonly string[];
}

/** Lets time pass until an operation has settled. Throws if that takes longer than its budgets. */
export async function endOf({ clock }: Arena, operation: Operation, cancelAfterMs?: number): Promise<Ending> {
  const warnings: string[] = [];
  operation.on('warning', ({ message }) => warnings.push(message));
  let ending: Ending | undefined;
  operation.result().then(
    (response) => (ending = { operation, response, warnings }),
    (error: unknown) => (ending = { operation, error, warnings }),
  );
  if (cancelAfterMs !== undefined) clock.setTimeout(() => void operation.cancel('enough'), cancelAfterMs);
  await clock.settle();
  await clock.advanceUntil(() => ending !== undefined, { maxMs: LONGEST_MS });
  if (ending === undefined) throw new Error('It has not settled.');
  return ending;
}
