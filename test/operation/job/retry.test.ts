import { describe, expect, it, vi } from 'vitest';
import { RemoteError } from '../../../src/api/errors.js';
import { CallFailure, type FailureKind } from '../../../src/google/failures.js';
import { retry, type RetryPolicy } from '../../../src/operation/job/retry.js';
import { Latch } from '../../../src/util/latch.js';
import { Timers } from '../../../src/util/timers.js';
import { createVirtualClock } from '../../../src/testing/index.js';
import { rejection, resolution } from '../../support/setup.js';

function failed(retryAfterMs?: number, kind: FailureKind = 'rate-limited'): CallFailure {
  return new CallFailure(
    kind,
    new RemoteError('busy'),
    retryAfterMs === undefined ? {} : { retryAfter: { ms: retryAfterMs } },
  );
}

/** Calls that fail in these ways, one after the other, and then succeed; and when they were made. */
function callsThat(errors: readonly Error[], fields: Partial<RetryPolicy> = {}) {
  const clock = createVirtualClock();
  const startedAt = clock.now();
  const left = [...errors];
  const at: number[] = [];
  const policy: RetryPolicy = {
    retries: 4,
    firstDelayMs: 1_000,
    maxDelayMs: 3_000,
    wakes: [new Latch()],
    shouldRetry: () => true,
    ...fields,
  };
  const result = retry(
    () => {
      at.push(clock.now() - startedAt);
      const error = left.shift();
      return error === undefined ? Promise.resolve('an answer') : Promise.reject(error);
    },
    policy,
    new Timers(clock),
  );
  return { clock, at, result };
}

describe('retry()', () => {
  it('calls at once, and not again after an answer', async () => {
    const { clock, at, result } = callsThat([]);
    expect(at).toEqual([0]);
    expect(await resolution(clock, result)).toBe('an answer');
    expect([at.length, clock.pendingTimers]).toEqual([1, 0]);
  });

  it.each([
    [0, [0, 1_000, 3_000, 6_000, 9_000]],
    [1, [0, 750, 2_250, 4_500, 6_750]],
  ])('waits longer each time, up to the longest, with up to a quarter taken off (%d)', async (random, times) => {
    vi.spyOn(Math, 'random').mockReturnValue(random);
    const { clock, at, result } = callsThat([failed(), failed(), failed(), failed()]);
    expect(await resolution(clock, result)).toBe('an answer');
    vi.restoreAllMocks();
    expect(at).toEqual(times);
  });

  it('waits as long as the server asks, up to what is bearable', async () => {
    const asked = [0, 2_500, 60_000].map((retryAfterMs) => failed(retryAfterMs));
    const { clock, at, result } = callsThat(asked);
    await resolution(clock, result);
    expect(at).toEqual([0, 0, 2_500, 5_500]);
  });

  it('gives up after so many tries, without waiting once more', async () => {
    const last = failed();
    const { clock, at, result } = callsThat([failed(1), failed(1), last], { retries: 2 });
    const startedAt = clock.now();
    expect(await rejection(clock, result)).toBe(last);
    expect(at).toEqual([0, 1, 2]);
    expect(clock.now() - startedAt).toBe(2);
    expect(clock.pendingTimers).toBe(0);
  });

  it('asks about every failure whether it is to be tried again', async () => {
    const last = failed(undefined, 'rejected');
    const { clock, at, result } = callsThat([failed(), last], { shouldRetry: ({ kind }) => kind === 'rate-limited' });
    expect(await rejection(clock, result)).toBe(last);
    expect(at).toHaveLength(2);
  });

  it('takes what failed in no known way for an ambiguous failure', async () => {
    const { clock, at, result } = callsThat([new TypeError('fetch failed')], {
      shouldRetry: ({ kind }) => kind !== 'ambiguous',
    });
    expect(await rejection(clock, result)).toMatchObject({
      name: 'CallFailure',
      kind: 'ambiguous',
      message: 'fetch failed',
    });
    expect(at).toEqual([0]);
  });

  it('is woken while it waits, and asks again then whether it is to be tried', async () => {
    const controller = new Latch();
    const failure = failed();
    const { clock, at, result } = callsThat([failure], {
      wakes: [new Latch(), controller],
      shouldRetry: () => !controller.aborted,
    });
    result.catch(() => undefined);
    await clock.advance(10);
    controller.abort();
    expect(await rejection(clock, result)).toBe(failure);
    expect([at.length, clock.pendingTimers]).toEqual([1, 0]);
  });
});
