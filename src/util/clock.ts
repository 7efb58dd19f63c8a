/**
 * Source of the time and of timers. The default is the runtime's own; tests pass a virtual one
 * (`createVirtualClock()` of `genai-cancel/testing`) and never wait.
 */
export interface Clock {
  /** Milliseconds since the epoch, as `Date.now()` gives them. */
  now(): number;
  /** Milliseconds from some moment on, which only grow, as `performance.now()` gives them. @default now() */
  elapsed?(): number;
  /**
   * Calls `callback` once after `delayMs` milliseconds. Delays above 2^31-1 ms are the caller's concern: timers of the
   * platform fire at once for them.
   */
  setTimeout(callback: () => void, delayMs: number): ClockTimer;
  /** Drops a timer; one that has fired or was dropped already is ignored. */
  clearTimeout(timer: ClockTimer): void;
}

/** What `Clock.setTimeout` returns: opaque, except that Node's timers can be told whether they keep the process alive. */
export type ClockTimer = number | object;

/** The runtime's own clock. The timers are looked up at each call, so that fake timers installed later are used. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (timer) => clearTimeout(timer as Parameters<typeof clearTimeout>[0]),
};
