import { afterEach, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/util/clock.js';

afterEach(() => vi.useRealTimers());

it('the system clock uses timers that are installed later', () => {
  vi.useFakeTimers({ now: 1_000 });
  const fired: number[] = [];
  systemClock.setTimeout(() => fired.push(systemClock.now()), 50);
  systemClock.clearTimeout(systemClock.setTimeout(() => fired.push(-1), 60));
  vi.advanceTimersByTime(100);
  expect(fired).toEqual([1_050]);
  expect(systemClock.now()).toBe(1_100);
});
