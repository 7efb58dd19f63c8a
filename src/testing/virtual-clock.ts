import type { Clock, ClockTimer } from '../util/clock.js';
import * as is from './check.js';
import { untilReleased } from './client.js';

/** Turns of the event loop given to in-process I/O after each timer. A fetch takes one; the rest is for what follows it. */
const SETTLE_TURNS = 12;

/** A clock that stands still until it is told to go on. */
export type VirtualClock = Clock & Pick<SteppedClock, keyof SteppedClock>;

/** A virtual clock that begins at `now` (epoch ms; default 2026-01-01T00:00:00Z). */
export function createVirtualClock(options: { now?: number } = {}): VirtualClock {
  is.verifyFields('option of createVirtualClock()', options, { now: is.time });
  return new SteppedClock(options.now ?? Date.UTC(2026, 0, 1));
}

class SteppedClock implements Clock {
  #now: number;
  #timers: { readonly due: number; readonly callback: () => void }[] = [];
  /** Calls of `advance` made at the same time take turns. */
  #turn: Promise<void> = Promise.resolve();

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, delayMs: number): ClockTimer {
    const timer = { due: this.#now + Math.max(0, delayMs || 0), callback };
    this.#timers.push(timer);
    // Timers due at the same time fire in the order they were set; the sort is stable.
    this.#timers.sort((a, b) => a.due - b.due);
    return timer;
  }

  clearTimeout(timer: ClockTimer): void {
    this.#timers = this.#timers.filter((other) => other !== timer);
  }

  /** How many timers are waiting. */
  get pendingTimers(): number {
    return this.#timers.length;
  }

  /** When the waiting timers are due, in order. */
  get timers(): readonly number[] {
    return this.#timers.map(({ due }) => due);
  }

  /** Lets in-process I/O settle without time passing. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < SETTLE_TURNS; turn += 1) {
      await macrotask();
      if (await untilReleased()) turn = 0;
    }
  }

  /**
   * Lets `ms` milliseconds pass: fires the timers that fall due, in order, those set on the way included, and lets
   * promises, streams and request bodies settle before the first, between any two, and after the last. It resolves
   * when that is done; real sockets may need longer: wait for what they cause (`emulator.waitFor`) before going on.
   */
  advance(ms: number): Promise<void> {
    return this.#inTurn(async () => {
      is.verify('ms', ms, is.amount);
      const end = this.#now + ms;
      await this.settle();
      while (await this.#fireNext(end));
      this.#now = Math.max(this.#now, end);
      await this.settle();
    });
  }

  /**
   * Goes on from timer to timer until the predicate is true.
   * @throws Error when no timer is left, or `maxMs` (default one hour) would be passed, and it is still false
   */
  advanceUntil(predicate: () => boolean, options: { maxMs?: number } = {}): Promise<void> {
    return this.#inTurn(async () => {
      const { maxMs = 3_600_000 } = options;
      is.verifyFields('option of advanceUntil()', options, { maxMs: is.amount });
      const end = this.#now + maxMs;
      await this.settle();
      while (!predicate()) {
        if (await this.#fireNext(end)) continue;
        const why = this.#timers.length === 0 ? 'no timer is left' : `${maxMs} ms have passed`;
        throw new Error(`The predicate of advanceUntil() is still false and ${why}`);
      }
    });
  }

  async #fireNext(end: number): Promise<boolean> {
    const timer = this.#timers[0];
    if (timer === undefined || timer.due > end) return false;
    this.#timers.shift();
    this.#now = Math.max(this.#now, timer.due);
    timer.callback();
    await this.settle();
    return true;
  }

  #inTurn(go: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(go);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

interface Runtime {
  setImmediate?: (callback: () => void) => unknown;
  scheduler?: { postTask?: (callback: () => void, options: { priority: 'background' }) => unknown };
  MessageChannel?: typeof MessageChannel;
  setTimeout: (callback: () => void, delayMs: number) => unknown;
}

// Taken when the module loads: fake timers installed later must not stop it.
const { setImmediate: immediate, scheduler, MessageChannel: Channel, setTimeout: timeout } = globalThis as Runtime;

/** Resolves in a later turn of the real event loop, after everything that is ready now. */
export function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    if (immediate !== undefined) return void immediate(resolve);
    // Chromium reads bodies in tasks of their own, which messages overtake.
    if (scheduler?.postTask !== undefined) return void scheduler.postTask(resolve, { priority: 'background' });
    if (Channel === undefined) return void timeout(resolve, 0);
    // Without the 4 ms that browsers add to nested timers.
    const { port1, port2 } = new Channel();
    const onmessage = (): void => {
      port1.close();
      resolve();
    };
    Object.assign(port1, { onmessage });
    port2.postMessage(undefined);
  });
}
