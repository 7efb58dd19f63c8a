import type { Settings } from '../api/options.js';
import { Latch } from '../util/latch.js';
import type { Timers } from '../util/timers.js';

/** The signals that operations listen to. Each has one listener of ours, which calls those of the operations. */
const subscribers = new WeakMap<AbortSignal, Latch>();

type Cancel = (trigger: 'signal' | 'timeout', reason: unknown) => void;

/** Calls `cancel` when one of the caller's signals aborts, or after `timeoutMs`. Returns how to stop listening. */
export function listenToTriggers(settings: Settings, timers: Timers, cancel: Cancel): () => void {
  const { cancelSignals, timeoutMs } = settings;
  const drops = listenToSignals(cancelSignals, cancel);
  if (timeoutMs !== undefined) {
    const reason = (): Error => new DOMException(`The operation did not end within ${timeoutMs} ms.`, 'TimeoutError');
    drops.push(timers.after(timeoutMs, () => cancel('timeout', reason())));
  }
  return () => drops.forEach((drop) => drop());
}

function listenToSignals(signals: readonly AbortSignal[], cancel: Cancel): (() => void)[] {
  const aborted = signals.find((signal) => signal.aborted);
  if (aborted === undefined) return signals.map((signal) => subscribe(signal, () => cancel('signal', signal.reason)));
  // Not before the caller has the handle and can listen to it. Nothing is sent meanwhile: that takes a turn more.
  queueMicrotask(() => cancel('signal', aborted.reason));
  return [];
}

function subscribe(signal: AbortSignal, callback: () => void): () => void {
  const latch = subscribers.get(signal) ?? new Latch();
  if (latch.listeners === 0) signal.addEventListener('abort', latch.abort);
  subscribers.set(signal, latch);
  const drop = latch.on(callback);
  return () => {
    drop();
    // Dropped before: by now another latch may be that of the signal.
    if (latch.listeners > 0 || subscribers.get(signal) !== latch) return;
    subscribers.delete(signal);
    signal.removeEventListener('abort', latch.abort);
  };
}
