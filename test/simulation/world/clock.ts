import type { Clock } from '../../../src/util/clock.js';

interface Timer {
  readonly id: number;
  readonly due: number;
  readonly callback: () => void;
}

/** A clock that goes on from timer to timer, and only when it is told to. */
export class SimulatedClock implements Clock {
  #now = Date.UTC(2026, 0, 1);
  #lastId = 0;
  readonly #timers: Timer[] = [];

  now(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, delayMs: number): number {
    const timer = { id: (this.#lastId += 1), due: this.#now + Math.max(0, delayMs || 0), callback };
    // Behind those that are due at the same time: they fire in the order they were set.
    let position = this.#timers.length;
    while (position > 0 && (this.#timers[position - 1]?.due ?? 0) > timer.due) position--;
    this.#timers.splice(position, 0, timer);
    return timer.id;
  }

  clearTimeout(timer: unknown): void {
    const position = this.#timers.findIndex(({ id }) => id === timer);
    if (position !== -1) this.#timers.splice(position, 1);
  }

  /** When the next timer is due. */
  get next(): number | undefined {
    return this.#timers[0]?.due;
  }

  /** Lets time pass up to the next timer, and fires it. */
  fireNext(): void {
    const timer = this.#timers.shift();
    if (timer === undefined) return;
    this.#now = Math.max(this.#now, timer.due);
    timer.callback();
  }

  /** Lets time pass without anything falling due. */
  moveTo(now: number): void {
    this.#now = Math.max(this.#now, now);
  }
}
