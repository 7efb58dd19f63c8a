import pRetry, { AbortError } from 'p-retry';
import { describeFailure, type CallFailure } from '../backends/call-failure.js';
import type { Timers } from './timers.js';

/** Carries what is known of a failed call through p-retry, which would take some of the SDK's errors for bugs. */
export class FailedCallError extends Error {
  override readonly name = 'FailedCallError';
  readonly failure: CallFailure;

  constructor(failure: CallFailure) {
    super(failure.error.message);
    this.failure = failure;
  }
}

/** The failure that `retry` rejected with. */
export function failureIn(error: unknown): CallFailure {
  return error instanceof FailedCallError ? error.failure : describeFailure(error);
}

/** How to retry one call. */
export interface RetryPolicy {
  readonly retries: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  /** How long a wait the server may ask for. */
  readonly maxRetryAfterMs: number;
  /** These end the wait between two tries. p-retry's own `signal` is not used: it throws away an answer that has landed. */
  readonly wakes: readonly AbortSignal[];
  shouldRetry(failure: CallFailure): boolean;
}

/**
 * Calls until it succeeds, or fails in a way that is not retried: then it rejects with the `FailedCallError`. The first
 * call is made before this returns. Waiting is done on our own timers: p-retry's can be neither injected nor unref'd.
 */
export function retry<T>(call: () => Promise<T>, policy: RetryPolicy, timers: Timers): Promise<T> {
  return pRetry(
    async () => {
      try {
        return await call();
      } catch (error) {
        if (error instanceof FailedCallError && policy.shouldRetry(error.failure)) throw error;
        throw new AbortError(error as Error);
      }
    },
    {
      retries: policy.retries,
      minTimeout: 0,
      maxTimeout: 0,
      onFailedAttempt: async ({ error, attemptNumber, retriesLeft }) => {
        if (retriesLeft > 0) await timers.sleep(delayOf(failureIn(error), attemptNumber, policy), ...policy.wakes);
      },
      shouldRetry: ({ error }) => policy.shouldRetry(failureIn(error)),
    },
  );
}

/** What the server asks for, else exponential with up to a quarter taken off, so that n jobs do not come back as one. */
function delayOf({ retryAfterMs }: CallFailure, attempt: number, policy: RetryPolicy): number {
  if (retryAfterMs !== undefined) return Math.min(retryAfterMs, policy.maxRetryAfterMs);
  return Math.min(policy.firstDelayMs * 2 ** (attempt - 1), policy.maxDelayMs) * (1 - Math.random() * 0.25);
}
