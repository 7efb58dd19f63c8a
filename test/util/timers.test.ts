import { describe, expect, it, vi } from 'vitest';
import { Latch } from '../../src/util/latch.js';
import { Timers } from '../../src/util/timers.js';
import { createVirtualClock } from '../../src/testing/index.js';

describe('Timers', () => {
  it('end a sleep when one of its signals aborts, and leave nothing behind', async () => {
    const clock = createVirtualClock();
    const timers = new Timers(clock);
    const controller = new Latch();
    const slept = vi.fn();
    void timers.sleep(1_000, controller).then(slept);
    await clock.advance(10);
    expect(slept).not.toHaveBeenCalled();
    controller.abort();
    await clock.settle();
    expect(slept).toHaveBeenCalledOnce();
    expect(clock.pendingTimers).toBe(0);
    await timers.sleep(1_000, controller);
    expect(clock.pendingTimers).toBe(0);
  });

  it('wait longer than the timers of the platform can', async () => {
    const clock = createVirtualClock();
    const timers = new Timers(clock);
    const fired = vi.fn();
    const delayMs = 2 ** 31 * 3;
    timers.after(delayMs, fired);
    for (const due of clock.timers) expect(due - clock.now()).toBeLessThan(2 ** 31);
    await clock.advance(delayMs - 1);
    expect(fired).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(fired).toHaveBeenCalledOnce();
  });

  it('keep the process alive only while they are held, as does what was added to them', () => {
    const timer = { ref: vi.fn(), unref: vi.fn() };
    const socket = { ref: vi.fn(), unref: vi.fn() };
    const timers = new Timers({ now: () => 0, setTimeout: () => timer, clearTimeout: () => undefined });
    timers.after(1_000, () => undefined);
    const remove = timers.add(socket);
    timers.hold(false);
    expect([timer.unref, socket.unref].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
    remove();
    timers.hold(true);
    expect(timer.ref).toHaveBeenCalledTimes(2);
    expect(socket.ref).toHaveBeenCalledTimes(1);
  });

  it('give up on an answer after its time, or when it is over, and ignore what comes later', async () => {
    const clock = createVirtualClock();
    const timers = new Timers(clock);
    const over = new Latch();
    const answer = timers.within(
      new Promise((_, reject) => void timers.sleep(2_000).then(() => reject(new Error('late')))),
      1_000,
      over,
    );
    const abandoned = timers.within(new Promise(() => undefined), 60_000, over);
    const both = Promise.allSettled([answer, abandoned]);
    await clock.advance(3_000);
    over.abort();
    expect((await both).map((result) => result.status === 'rejected' && (result.reason as Error).name)).toEqual([
      'NoAnswerError',
      'NoAnswerError',
    ]);
    expect(clock.pendingTimers).toBe(0);
    await expect(timers.within(Promise.resolve(7), 1_000, new Latch())).resolves.toBe(7);
  });

  it('drop a callback that is not wanted any more, however long it would take', async () => {
    const clock = createVirtualClock();
    const timers = new Timers(clock);
    const fired = vi.fn();
    for (const drop of [timers.after(1_000, fired), timers.after(2 ** 31 * 3, fired)]) drop();
    expect(clock.pendingTimers).toBe(0);
    const drop = timers.after(2 ** 31 * 3, fired);
    await clock.advance(2 ** 31);
    drop();
    expect(clock.pendingTimers).toBe(0);
    expect(fired).not.toHaveBeenCalled();
  });

  it('take a time that has passed for now, and never for a moment before', () => {
    const clock = createVirtualClock();
    new Timers(clock).after(-5_000, () => undefined);
    expect(clock.timers).toEqual([clock.now()]);
  });

  it('do not apply what has not changed, nor to what is gone', () => {
    const timer = { ref: vi.fn(), unref: vi.fn() };
    let fire = (): void => undefined;
    const setTimeout = (callback: () => void): typeof timer => {
      fire = callback;
      return timer;
    };
    const timers = new Timers({ now: () => 0, setTimeout, clearTimeout: () => undefined });
    timers.after(1_000, () => undefined);
    timers.hold(true);
    expect([timer.ref.mock.calls.length, timer.unref.mock.calls.length]).toEqual([1, 0]);
    fire();
    timers.hold(false);
    expect(timer.unref).not.toHaveBeenCalled();
  });

  it('take timers that are numbers, as those of browsers are, and what cannot be held', () => {
    const timers = new Timers({ now: () => 0, setTimeout: () => 7, clearTimeout: () => undefined });
    timers.after(1_000, () => undefined);
    timers.add({});
    expect(() => {
      timers.hold(false);
      timers.hold(true);
    }).not.toThrow();
  });

  it('take their listeners off the signals that did not abort', async () => {
    const clock = createVirtualClock();
    const timers = new Timers(clock);
    const signal = new Latch();
    await Promise.all([timers.sleep(10, signal), timers.within(Promise.resolve(), 10, signal), clock.advance(10)]);
    await timers.within(Promise.reject(new Error('no')), 10, signal).catch(() => undefined);
    expect(signal.listeners).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it('do not wait for an answer when it is over already', async () => {
    const clock = createVirtualClock();
    const never = new Promise<never>(() => undefined);
    const aborted = new Latch();
    aborted.abort();
    const waiting = new Timers(clock).within(never, 1_000, aborted);
    await expect(waiting).rejects.toThrow('No answer in time.');
    expect(clock.pendingTimers).toBe(0);
  });
});
