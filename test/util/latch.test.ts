import { describe, expect, it, vi } from 'vitest';
import { Latch } from '../../src/util/latch.js';

describe('a latch', () => {
  it('calls its listeners once, in the turn in which it is set', () => {
    const latch = new Latch();
    const [first, second] = [vi.fn(), vi.fn()];
    latch.on(first);
    latch.on(second)();
    expect([latch.aborted, latch.listeners]).toEqual([false, 1]);
    latch.abort();
    latch.abort();
    expect([latch.aborted, latch.listeners, first.mock.calls.length, second.mock.calls.length]).toEqual([
      true,
      0,
      1,
      0,
    ]);
  });

  it('lets wait for itself, also when it is set already', async () => {
    const latch = new Latch();
    const reached = latch.reached();
    latch.abort();
    await reached;
    await latch.reached();
    expect(latch.aborted).toBe(true);
  });
});
