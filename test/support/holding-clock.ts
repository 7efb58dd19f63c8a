import type { Clock, VirtualClock } from '../../src/testing/index.js';

/** A clock whose timers keep a process alive unless they are unref'd, as those of Node do. */
export interface HoldingClock {
  readonly clock: Clock;
  /** How many timers there are. */
  readonly pending: () => number;
  /** Whether the process would live on. */
  readonly isHeld: () => boolean;
}

interface HoldingTimer {
  readonly id: ReturnType<VirtualClock['setTimeout']>;
  ref(): void;
  unref(): void;
}

export function createHoldingClock(virtual: VirtualClock): HoldingClock {
  const held = new Map<HoldingTimer, boolean>();
  const setTimeout = (callback: () => void, delayMs: number): HoldingTimer => {
    const id = virtual.setTimeout(() => {
      held.delete(timer);
      callback();
    }, delayMs);
    const timer = { id, ref: () => void held.set(timer, true), unref: () => void held.set(timer, false) };
    timer.ref();
    return timer;
  };
  const clearTimeout = (timer: unknown): void => {
    held.delete(timer as HoldingTimer);
    virtual.clearTimeout((timer as HoldingTimer).id);
  };
  return {
    clock: { now: () => virtual.now(), setTimeout, clearTimeout },
    pending: () => held.size,
    isHeld: () => [...held.values()].some(Boolean),
  };
}
