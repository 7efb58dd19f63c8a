import type { Latch } from '../../util/latch.js';
import type { Timers } from '../../util/timers.js';

/** Time of waiting. A clock that jumps, or a machine that sleeps, adds no more to a wait than was planned for it. */
export class AwakeTime {
  readonly #timers: Timers;
  #ms = 0;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  get ms(): number {
    return this.#ms;
  }

  sleep(delayMs: number, ...wakes: readonly Latch[]): Promise<void> {
    return this.#count(delayMs, this.#timers.sleep(delayMs, ...wakes));
  }

  within<T>(promise: Promise<T>, delayMs: number, ...wakes: readonly Latch[]): Promise<T> {
    return this.#count(delayMs, this.#timers.within(promise, delayMs, ...wakes));
  }

  async #count<T>(plannedMs: number, wait: Promise<T>): Promise<T> {
    const startedAt = this.#timers.elapsed();
    try {
      return await wait;
    } finally {
      const tookMs = this.#timers.elapsed() - startedAt;
      this.#ms += tookMs < 0 ? plannedMs : Math.min(tookMs, plannedMs);
    }
  }
}
