/** What is to be called when a signal aborts. The caller's signal has one listener of ours, however many operations. */
const subscribers = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls `stop` when one of the caller's signals aborts, now or later. Returns how to stop listening. */
export function listenToSignals(
  signals: readonly AbortSignal[],
  stop: (trigger: 'signal', reason: unknown) => void,
): () => void {
  const aborted = signals.find((signal) => signal.aborted);
  if (aborted !== undefined) {
    // Not before the caller has the handle and can listen to it. Nothing is sent meanwhile: that takes a turn more.
    queueMicrotask(() => stop('signal', aborted.reason));
    return () => undefined;
  }
  const drops = signals.map((signal) => subscribe(signal, () => stop('signal', signal.reason)));
  return () => drops.forEach((drop) => drop());
}

function subscribe(signal: AbortSignal, callback: () => void): () => void {
  const callbacks = subscribers.get(signal) ?? new Set();
  if (callbacks.size === 0) {
    subscribers.set(signal, callbacks);
    signal.addEventListener('abort', onAbort);
  }
  callbacks.add(callback);
  return () => {
    // Dropped before: by now these may be the listener and the callbacks of others.
    if (!callbacks.delete(callback) || callbacks.size > 0) return;
    subscribers.delete(signal);
    signal.removeEventListener('abort', onAbort);
  };
}

function onAbort(this: AbortSignal): void {
  for (const callback of subscribers.get(this) ?? []) callback();
}
