import type { Latch } from '../../util/latch.js';
import { failureOf, type CallFailure } from '../../google/failures.js';
import type { Timers } from '../../util/timers.js';

export interface RetryPolicy {
  readonly retries: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  /** These end the wait between two tries. A call that is on its way is never given up: its answer counts. */
  readonly wakes: readonly Latch[];
  shouldRetry(failure: CallFailure): boolean;
}

/**
 * Calls until it succeeds, or fails in a way that is not retried: then it rejects with the `CallFailure`. The first
 * call is made before this returns. It waits on the timers of the operation.
 */
export async function retry<T>(call: () => Promise<T>, policy: RetryPolicy, timers: Timers): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      const failure = failureOf(error);
      if (attempt > policy.retries || !policy.shouldRetry(failure)) throw failure;
      await timers.sleep(delayOf(failure, attempt, policy), ...policy.wakes);
      if (!policy.shouldRetry(failure)) throw failure;
    }
  }
}

/** Returns the server's own delay, else an exponential one. Up to a quarter is taken off, so that n jobs do not come back as one. */
function delayOf({ retryAfter }: CallFailure, attempt: number, policy: RetryPolicy): number {
  if (retryAfter !== undefined && 'ms' in retryAfter) return Math.min(retryAfter.ms, policy.maxDelayMs);
  return Math.min(policy.firstDelayMs * 2 ** (attempt - 1), policy.maxDelayMs) * (1 - Math.random() * 0.25);
}
