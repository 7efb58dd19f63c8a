import type { Settings } from '../api/options.js';
import type { Timers } from '../util/timers.js';

/** Operations that listen to one signal, which has one listener of ours. */
interface Subscribers {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

const subscribers = new WeakMap<AbortSignal, Subscribers>();

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
  const subscribed = subscribers.get(signal) ?? listen(signal);
  subscribed.callbacks.add(callback);
  return () => {
    // Dropped before: by now these may be the listener and the callbacks of others.
    if (!subscribed.callbacks.delete(callback) || subscribed.callbacks.size > 0) return;
    subscribers.delete(signal);
    signal.removeEventListener('abort', subscribed.listener);
  };
}

/** The listener does not rest on `this`: signals of other makes may call it in their own way. */
function listen(signal: AbortSignal): Subscribers {
  const callbacks = new Set<() => void>();
  const listener = (): void => {
    for (const callback of [...callbacks]) callback();
  };
  const subscribed = { callbacks, listener };
  subscribers.set(signal, subscribed);
  signal.addEventListener('abort', listener);
  return subscribed;
}
