import { describe, expect, it } from 'vitest';
import { Crowd } from '../../../src/operation/job/crowd.js';

/** Whether a promise has resolved after the turns that are under way. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.then(() => (settled = true));
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  return settled;
}

/** More cancel calls at a time than reads give way to. */
const MANY = 33;

describe('a crowd', () => {
  it('has so many places for streams, and the next one is polled', () => {
    const crowd = new Crowd(2);
    const [first, second] = [crowd.enterStream(), crowd.enterStream()];
    expect(crowd.enterStream()).toBeUndefined();
    first?.();
    first?.();
    expect(crowd.enterStream()).toBeDefined();
    expect(crowd.enterStream()).toBeUndefined();
    second?.();
  });

  it('lets reads wait while many cancels are on their way, and lets them go then', async () => {
    const crowd = new Crowd(1);
    const cancels = Array.from({ length: MANY }, () => crowd.enterCancel());
    const read = crowd.enterRead();
    expect([crowd.isCrowded, await isSettled(read), crowd.isQueueing]).toEqual([true, false, true]);
    cancels[0]?.();
    expect([crowd.isCrowded, await isSettled(read), crowd.isQueueing]).toEqual([false, true, false]);
  });

  it('does not hold up the reads of a few cancels', async () => {
    const crowd = new Crowd(1);
    for (let cancel = 1; cancel < MANY; cancel++) crowd.enterCancel();
    expect(await isSettled(crowd.enterRead())).toBe(true);
  });

  it('has at most 64 reads on their way', async () => {
    const crowd = new Crowd(1);
    const reads = Array.from({ length: 64 }, () => crowd.enterRead());
    const next = crowd.enterRead();
    expect(await isSettled(next)).toBe(false);
    (await reads[0])?.();
    expect(await isSettled(next)).toBe(true);
  });

  it('sends a cancel again only when another one has ended, once there were no more connections', async () => {
    const crowd = new Crowd(1);
    const left = Array.from({ length: MANY + 10 }, () => crowd.enterCancel());
    const tries = left.map(() => crowd.startTry());
    tries.pop()?.(true);
    const later = crowd.startLaterTry();
    expect(await isSettled(later)).toBe(false);
    tries.pop()?.(false);
    expect(await isSettled(later)).toBe(true);
    // When all have ended, nothing is known of the connections any more.
    for (const end of [...tries, await later]) end(false);
    expect(await isSettled(crowd.startLaterTry())).toBe(true);
  });
});
