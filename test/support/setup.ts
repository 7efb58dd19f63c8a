import { GoogleGenAI } from '@google/genai';
import { cancelable, type CancelableImages, type CancelableOptions } from '../../src/index.js';
import {
  createEmulator,
  createVirtualClock,
  type Emulator,
  type EmulatorOptions,
  type VirtualClock,
} from '../../src/testing/index.js';
import { leaveOut, runtime } from './runtime.js';

/** Parameters that any test can start with. */
export const lighthouse = { model: 'gemini-3.1-flash-image', prompt: 'a lighthouse in fog' } as const;

/** The library, through the real SDK, against an emulator in the same process, on a clock that stands still. */
export interface Setup {
  readonly clock: VirtualClock;
  readonly emulator: Emulator;
  readonly ai: GoogleGenAI;
  readonly images: CancelableImages;
  /** The routes that were asked, in order. */
  readonly routes: () => string[];
}

export const QUEUE_MS = 100;
export const WORK_MS = 4_000;

export function setup(
  options: { emulator?: EmulatorOptions; client?: CancelableOptions; vertex?: boolean } = {},
): Setup {
  const clock = createVirtualClock();
  const emulator = createEmulator({ clock, queueMs: QUEUE_MS, workMs: WORK_MS, ...options.emulator });
  const credentials =
    options.vertex === true
      ? {
          vertexai: true,
          project: 'a-project',
          location: 'global',
          googleAuthOptions: { authClient: fakeAuthClient() },
        }
      : { apiKey: 'a-key' };
  const ai = new GoogleGenAI({ ...credentials, httpOptions: { fetch: emulator.fetch } } as ConstructorParameters<
    typeof GoogleGenAI
  >[0]);
  const images = cancelable(ai, { clock, ...options.client });
  return { clock, emulator, ai, images, routes: () => emulator.meter.requests.map(({ route }) => route) };
}

/** Credentials that need no network. */
export function fakeAuthClient(): object {
  if (runtime.name === 'Chromium') leaveOut("The SDK's build for browsers knows Vertex by API key only.");
  return { getRequestHeaders: () => Promise.resolve(new Headers({ authorization: 'Bearer a-token' })) };
}

/** How a promise settles, with virtual time passing until it does. */
export async function settle<T>(clock: VirtualClock, promise: Promise<T>): Promise<PromiseSettledResult<T>> {
  let result: PromiseSettledResult<T> | undefined;
  const settled = Promise.allSettled([promise]).then(([first]) => {
    result = first;
  });
  await clock.settle();
  await clock.advanceUntil(() => result !== undefined);
  await settled;
  return result as unknown as PromiseSettledResult<T>;
}

/** Lets virtual time pass until a promise rejects, and returns its error. */
export async function rejection(clock: VirtualClock, promise: Promise<unknown>): Promise<unknown> {
  const result = await settle(clock, promise);
  if (result.status === 'fulfilled') throw new Error('Expected a rejection.');
  return result.reason;
}

/** Lets virtual time pass until a promise resolves, and returns its value. */
export async function resolution<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  const result = await settle(clock, promise);
  if (result.status === 'rejected') throw result.reason as Error;
  return result.value;
}
