/**
 * Whether the application listens to the signal itself, and so decides what becomes of the process. Listeners of
 * signal-exit do not count: they give way to any other, and two that give way to each other would hang.
 */
export function hasApplicationListener(signal: NodeJS.Signals, ownListeners: number): boolean {
  return process.listenerCount(signal) - ownListeners - signalExitListeners() > 0;
}

/** @see https://github.com/tapjs/signal-exit/blob/main/src/index.ts */
function signalExitListeners(): number {
  const version4: unknown = Reflect.get(globalThis, Symbol.for('signal-exit emitter'));
  const version3: unknown = Reflect.get(process, '__signal_exit_emitter__');
  return countOf(version4) + countOf(version3);
}

function countOf(emitter: unknown): number {
  const { count } = Object(emitter) as { count?: unknown };
  return typeof count === 'number' ? count : 0;
}
