import type { Timers } from '../util/timers.js';

/** Calls `stop` after `timeoutMs`, with the platform's `TimeoutError` as the reason. Returns how to drop the timer. */
export function cancelAfter(
  timeoutMs: number | undefined,
  timers: Timers,
  stop: (trigger: 'timeout', reason: unknown) => void,
): () => void {
  if (timeoutMs === undefined) return () => undefined;
  return timers.after(timeoutMs, () => {
    stop('timeout', new DOMException(`The operation did not end within ${timeoutMs} ms.`, 'TimeoutError'));
  });
}
