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
  const drops = signals.map((signal) => {
    const onAbort = (): void => stop('signal', signal.reason);
    signal.addEventListener('abort', onAbort);
    return () => signal.removeEventListener('abort', onAbort);
  });
  return () => drops.forEach((drop) => drop());
}
