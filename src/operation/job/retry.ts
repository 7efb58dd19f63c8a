import type { Latch } from '../../util/latch.js';
import pRetry from 'p-retry';
import { failureOf, type CallFailure } from '../../google/failures.js';
import type { Timers } from '../../util/timers.js';

export interface RetryPolicy {
  readonly retries: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  /** These end the wait between two tries. p-retry's own `signal` is not used: it throws away an answer that has landed. */
  readonly wakes: readonly Latch[];
  shouldRetry(failure: CallFailure): boolean;
}

/**
 * Calls until it succeeds, or fails in a way that is not retried: then it rejects with the `CallFailure`. The first
 * call is made before this returns. Waiting is done on our own timers: p-retry's can be neither injected nor unref'd.
 */
export function retry<T>(call: () => Promise<T>, policy: RetryPolicy, timers: Timers): Promise<T> {
  return pRetry(
    // p-retry takes some errors for bugs; a `CallFailure` is none of them.
    () => call().catch((error: unknown) => Promise.reject(failureOf(error))),
    {
      retries: policy.retries,
      minTimeout: 0,
      maxTimeout: 0,
      onFailedAttempt: async ({ error, attemptNumber, retriesLeft }) => {
        const failure = failureOf(error);
        if (retriesLeft === 0 || !policy.shouldRetry(failure)) return;
        await timers.sleep(delayOf(failure, attemptNumber, policy), ...policy.wakes);
      },
      shouldRetry: ({ error }) => policy.shouldRetry(failureOf(error)),
    },
  );
}

/** Returns the server's own delay, else an exponential one. Up to a quarter is taken off, so that n jobs do not come back as one. */
function delayOf({ retryAfter }: CallFailure, attempt: number, policy: RetryPolicy): number {
  if (retryAfter !== undefined && 'ms' in retryAfter) return Math.min(retryAfter.ms, policy.maxDelayMs);
  return Math.min(policy.firstDelayMs * 2 ** (attempt - 1), policy.maxDelayMs) * (1 - Math.random() * 0.25);
}
