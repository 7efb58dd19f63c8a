import type { Latch } from './latch.js';
import type { Clock } from './clock.js';

/** Above it, timers of the platform fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** Something that can keep a process alive, such as a timer or a socket of Node. */
export interface Refable {
  ref?(): unknown;
  unref?(): unknown;
}

/** Waiting for an answer was given up. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

/**
 * All timers of one operation. Only while it is `held` do they, and the connections added to it, keep the process alive:
 * a handle that nobody waits for must not. Sleeps end early, and never reject, when one of their signals aborts.
 */
export class Timers {
  readonly #clock: Clock;
  readonly #refables = new Set<Refable>();
  #held = true;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  /** Milliseconds from some moment on that no change of the wall clock touches: for durations and deadlines. */
  elapsed(): number {
    return this.#clock.elapsed?.() ?? this.#clock.now();
  }

  hold(held: boolean): void {
    if (held === this.#held) return;
    this.#held = held;
    for (const refable of this.#refables) refable[held ? 'ref' : 'unref']?.();
  }

  /** Puts something else under `hold`. Returns how to take it out again. */
  add(refable: Refable): () => void {
    this.#refables.add(refable);
    refable[this.#held ? 'ref' : 'unref']?.();
    return () => this.#refables.delete(refable);
  }

  /** Calls back after `delayMs`, however long. Returns how to drop it. */
  after(delayMs: number, callback: () => void): () => void {
    let drop = (): void => undefined;
    const schedule = (remainingMs: number): void => {
      const stepMs = Math.min(remainingMs, MAX_DELAY_MS);
      const timer = this.#clock.setTimeout(() => {
        drop();
        if (remainingMs > stepMs) schedule(remainingMs - stepMs);
        else callback();
      }, stepMs);
      // Timers are numbers in browsers.
      const remove = this.add(typeof timer === 'object' ? timer : {});
      drop = () => {
        remove();
        this.#clock.clearTimeout(timer);
      };
    };
    schedule(Math.max(0, delayMs));
    return () => drop();
  }

  sleep(delayMs: number, ...wakes: readonly Latch[]): Promise<void> {
    return new Promise((resolve) => void this.#afterOrOn(delayMs, wakes, resolve));
  }

  /** Settles like `promise`. Rejects with `NoAnswerError` if `delayMs` pass or one of `wakes` aborts first. */
  within<T>(promise: Promise<T>, delayMs: number, ...wakes: readonly Latch[]): Promise<T> {
    return new Promise((resolve, reject) => {
      const drop = this.#afterOrOn(delayMs, wakes, () => reject(new NoAnswerError('No answer in time.')));
      promise.then(resolve, reject).finally(drop);
    });
  }

  /** Calls back once: after `delayMs`, or when one of `wakes` is or becomes aborted. Returns how to drop it. */
  #afterOrOn(delayMs: number, wakes: readonly Latch[], callback: () => void): () => void {
    const drop = (): void => drops.forEach((one) => one());
    const fire = (): void => {
      drop();
      callback();
    };
    const drops = [this.after(delayMs, fire), ...wakes.map((wake) => wake.on(fire))];
    if (wakes.some((wake) => wake.aborted)) fire();
    return drop;
  }
}
