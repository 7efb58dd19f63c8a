import { constants } from 'node:os';

/** So long a raised signal may take to end the process. */
const FALLBACK_MS = 200;

/**
 * Lets the process die of the signal, so that its parent sees that: a shell stops the loop around the script, which it does
 * not after `process.exit(130)`. As PID 1 of a container the signal is ignored, and Windows has no SIGHUP to raise: there
 * the exit code says it. Calls `onSurvived` if the application has begun to listen to the signal meanwhile.
 */
export function raise(signal: NodeJS.Signals, onSurvived: () => void): void {
  try {
    // Deno takes a signal that PID 1 has ignored for a failure, and crashes.
    if (process.pid === 1 && !hasApplicationListener(signal, 0)) exitLike(signal);
    process.kill(process.pid, signal);
  } catch {
    exitLike(signal);
  }
  setTimeout(() => {
    if (hasApplicationListener(signal, 0)) onSurvived();
    else exitLike(signal);
  }, FALLBACK_MS);
}

const exitLike = (signal: NodeJS.Signals): never => process.exit(128 + constants.signals[signal]);

/**
 * Tells whether the application listens to the signal itself, and so decides what becomes of the process. Listeners of
 * signal-exit do not count: they give way to any other, and two that give way to each other would hang.
 * @see https://github.com/tapjs/signal-exit/blob/main/src/index.ts
 */
export function hasApplicationListener(signal: NodeJS.Signals, ownListeners: number): boolean {
  const version4: unknown = Reflect.get(globalThis, Symbol.for('signal-exit emitter'));
  const version3: unknown = Reflect.get(process, '__signal_exit_emitter__');
  return process.listenerCount(signal) - ownListeners - countOf(version4) - countOf(version3) > 0;
}

function countOf(emitter: unknown): number {
  const { count } = Object(emitter) as { count?: unknown };
  return typeof count === 'number' ? count : 0;
}
