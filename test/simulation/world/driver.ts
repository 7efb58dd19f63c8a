import type { Scheduler } from 'fast-check';
import type { SimulatedClock } from './clock.js';
import { Violation } from './violation.js';

/** More than any run needs: what goes beyond goes round in circles. */
const MAX_STEPS = 20_000;

const { setImmediate: immediate } = globalThis;

/** Decides when what happens: which answer comes next is fast-check's choice, and time passes only when it is told to. */
export class Driver {
  readonly #scheduler: Scheduler;
  readonly #clock: SimulatedClock;
  readonly #afterStep: () => void;
  readonly #onTurn: (label: string) => void;
  #steps = 0;

  constructor(scheduler: Scheduler, clock: SimulatedClock, onTurn: (label: string) => void, afterStep: () => void) {
    this.#scheduler = scheduler;
    this.#clock = clock;
    this.#onTurn = onTurn;
    this.#afterStep = afterStep;
  }

  /** Holds something up until it is its turn. */
  turn(label: string): Promise<void> {
    return this.#scheduler.schedule(Promise.resolve(), label).then(() => this.#onTurn(label));
  }

  /** Lets everything go on that waits for nothing: one turn of the event loop takes all microtasks with it. */
  async settle(): Promise<void> {
    await new Promise<void>((resolve) => immediate(resolve));
    this.#steps++;
    if (this.#steps > MAX_STEPS) throw new Violation('livelock', `It goes on and on: ${MAX_STEPS} steps.`);
    this.#afterStep();
  }

  /** Lets so many answers through. */
  async deliver(count: number): Promise<void> {
    for (let left = count; left > 0 && this.#scheduler.count() > 0; left--) {
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- `waitNext()` waits by itself before and after, which is done here
      await this.#scheduler.waitOne();
      await this.settle();
    }
  }

  /** Lets all answers through that there are, and those that come of them. */
  drain(): Promise<void> {
    return this.deliver(Infinity);
  }

  /** Lets time pass. `held`: the network stands still meanwhile. */
  async pass(ms: number, held = false): Promise<void> {
    const end = this.#clock.now() + ms;
    await this.settle();
    for (;;) {
      if (!held) await this.drain();
      const { next } = this.#clock;
      if (next === undefined || next > end) break;
      this.#clock.fireNext();
      await this.settle();
    }
    this.#clock.moveTo(end);
  }

  /** Goes on until it is so. Whether it has become so within `maxMs`. */
  async until(isSo: () => boolean, maxMs: number): Promise<boolean> {
    const end = this.#clock.now() + maxMs;
    await this.settle();
    for (;;) {
      await this.drain();
      if (isSo()) return true;
      const { next } = this.#clock;
      if (next === undefined || next > end) return false;
      this.#clock.fireNext();
      await this.settle();
    }
  }
}
