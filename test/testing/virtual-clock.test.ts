import { describe, expect, test, vi } from 'vitest';
import { macrotask } from '../../src/testing/virtual-clock.js';
import { createEmulator, createVirtualClock } from '../../src/testing/index.js';

test('begins where it is told and stands still', async () => {
  const clock = createVirtualClock({ now: 1000 });
  await clock.settle();
  expect(clock.now()).toBe(1000);
  expect(createVirtualClock().now()).toBe(Date.UTC(2026, 0, 1));
});

test('fires timers in the order they are due, at their time, those of one time in the order they were set', async () => {
  const clock = createVirtualClock({ now: 0 });
  const fired: [string, number][] = [];
  const note = (name: string) => () => void fired.push([name, clock.now()]);
  clock.setTimeout(note('c'), 30);
  clock.setTimeout(note('a'), 10);
  clock.setTimeout(note('b1'), 20);
  clock.setTimeout(note('b2'), 20);
  clock.setTimeout(note('never'), 101);
  expect(clock.timers).toEqual([10, 20, 20, 30, 101]);
  await clock.advance(100);
  expect(fired).toEqual([
    ['a', 10],
    ['b1', 20],
    ['b2', 20],
    ['c', 30],
  ]);
  expect(clock.now()).toBe(100);
  expect(clock.pendingTimers).toBe(1);
});

test('fires timers that are set on the way, also from promises and streams', async () => {
  const clock = createVirtualClock({ now: 0 });
  const times: number[] = [];
  const sleep = (ms: number) => new Promise<void>((resolve) => clock.setTimeout(resolve, ms));
  const loop = async (): Promise<void> => {
    for (let i = 0; i < 5; i += 1) {
      await sleep(10);
      await new Response(new Request('http://x', { method: 'POST', body: 'text' }).body).text();
      times.push(clock.now());
    }
  };
  void loop();
  await clock.advance(50);
  expect(times).toEqual([10, 20, 30, 40, 50]);
});

test('waits for work that takes several turns of the event loop', async () => {
  const clock = createVirtualClock({ now: 0 });
  const times: number[] = [];
  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 8; turn += 1) await macrotask();
    times.push(clock.now());
  };
  clock.setTimeout(() => void turns(), 10);
  clock.setTimeout(() => undefined, 20);
  await clock.advance(30);
  expect(times).toEqual([10]);
});

test('waits for a body that is being read, and not for long for one whose client has stopped sending', async () => {
  const clock = createVirtualClock();
  const emulator = createEmulator({ clock });
  let turns = 0;
  const pull = async (stream: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    for (; turns < 100; turns += 1) await macrotask();
    stream.close();
  };
  const send = (body: ReadableStream): Promise<Response> =>
    emulator.handle(new Request('http://x/v1/models', { method: 'POST', body, duplex: 'half' }));
  void send(new ReadableStream({ pull }));
  await clock.settle();
  expect(emulator.meter.requests).toHaveLength(1);
  void send(new ReadableStream());
  await clock.advance(10);
  expect(emulator.meter.requests).toHaveLength(1);
});

test('a timer can be dropped, also one that has fired or never was', async () => {
  const clock = createVirtualClock();
  const callback = vi.fn();
  const timer = clock.setTimeout(callback, 10);
  clock.clearTimeout(timer);
  clock.clearTimeout(timer);
  clock.clearTimeout({});
  await clock.advance(100);
  expect(callback).not.toHaveBeenCalled();
});

test('odd delays are due now, but never at once', async () => {
  const clock = createVirtualClock({ now: 0 });
  const callback = vi.fn();
  clock.setTimeout(callback, -5);
  clock.setTimeout(callback, NaN);
  expect(callback).not.toHaveBeenCalled();
  expect(clock.timers).toEqual([0, 0]);
  await clock.advance(0);
  expect(callback).toHaveBeenCalledTimes(2);
});

test('advances made at the same time take turns', async () => {
  const clock = createVirtualClock({ now: 0 });
  const times: number[] = [];
  clock.setTimeout(() => times.push(clock.now()), 15);
  await Promise.all([clock.advance(10), clock.advance(10)]);
  expect(times).toEqual([15]);
  expect(clock.now()).toBe(20);
});

test('an error in a callback rejects the advance and leaves the clock usable', async () => {
  const clock = createVirtualClock({ now: 0 });
  const error = new Error('mistake');
  clock.setTimeout(() => {
    throw error;
  }, 5);
  await expect(clock.advance(10)).rejects.toBe(error);
  expect(clock.now()).toBe(5);
  await clock.advance(10);
  expect(clock.now()).toBe(15);
});

describe('advanceUntil', () => {
  test('stops at the timer that makes it true', async () => {
    const clock = createVirtualClock({ now: 0 });
    let count = 0;
    const again = (): void => {
      count += 1;
      clock.setTimeout(again, 100);
    };
    again();
    await clock.advanceUntil(() => count === 4);
    expect(clock.now()).toBe(300);
  });

  test('says when there is nothing left to wait for', async () => {
    const clock = createVirtualClock();
    await expect(clock.advanceUntil(() => false)).rejects.toThrow('still false and no timer is left');
    clock.setTimeout(() => undefined, 1000);
    await expect(clock.advanceUntil(() => false, { maxMs: 999 })).rejects.toThrow('still false and 999 ms have passed');
  });
});

test('fake timers of the test runner do not stop it', async () => {
  vi.useFakeTimers();
  try {
    const clock = createVirtualClock({ now: 0 });
    const callback = vi.fn();
    clock.setTimeout(callback, 10);
    await clock.advance(10);
    expect(callback).toHaveBeenCalledOnce();
  } finally {
    vi.useRealTimers();
  }
});
