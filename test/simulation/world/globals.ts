import type { Simulation } from './simulation.js';

/**
 * The globals of the current run, for the library and the SDK: random numbers from a seed, and
 * timers of the virtual clock. Work left over from an earlier run finds no timers.
 */
let current: Simulation | undefined;
let random: () => number = Math.random;

/** Takes the place of the real ones, for good. */
export function installGlobals(): void {
  Math.random = () => random();
  Object.defineProperty(globalThis.crypto, 'getRandomValues', { value: fill });
  globalThis.setTimeout = ((callback: () => void, delayMs = 0) =>
    current?.clock.setTimeout(callback, delayMs) ?? 0) as unknown as typeof setTimeout;
  globalThis.clearTimeout = (timer: unknown) => current?.clock.clearTimeout(timer);
  AbortSignal.timeout = (delayMs) => {
    const controller = new AbortController();
    const abort = (): void => controller.abort(new DOMException('The operation timed out.', 'TimeoutError'));
    current?.clock.setTimeout(abort, delayMs);
    return controller.signal;
  };
  // A DOMException for each abort costs more than all else that an abort does, and nobody looks at it.
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called on what it belongs to
  const { abort } = AbortController.prototype;
  const reason = new DOMException('This operation was aborted', 'AbortError');
  AbortController.prototype.abort = function (given: unknown = reason): void {
    abort.call(this, given);
  };
  // Warnings that nobody listens for: of the handles that the library makes by itself.
  console.warn = () => undefined;
  process.on('unhandledRejection', (reason) => current?.crashed(reason, 'unhandled rejection'));
  process.on('uncaughtException', (error) => current?.crashed(error, 'uncaught exception'));
}

/** From here on they are this run's. */
export function useGlobals(simulation: Simulation, seed: number): void {
  current = simulation;
  random = mulberry32(seed);
}

function fill<T extends ArrayBufferView | null>(array: T): T {
  if (array instanceof Uint8Array) for (let index = 0; index < array.length; index++) array[index] = random() * 256;
  return array;
}

/** A small generator of good numbers. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
