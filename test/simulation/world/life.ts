import type { Clock } from '../../../src/util/clock.js';
import type { SimulatedClock } from './clock.js';

/** Whether a process runs, is frozen (a laptop's lid, a stopped container), or is dead. Nothing gets in or out unless it runs. */
export class Life {
  readonly #clock: SimulatedClock;
  readonly #timers = new Set<number>();
  readonly #onDeath = new Set<() => void>();
  #state: 'running' | 'frozen' | 'dead' = 'running';
  #wake: (() => void)[] = [];
  #frozenAt = 0;
  /** How much its wall clock differs from that of all others, in ms. */
  #offMs = 0;
  hasJumped = false;
  /** When it was not running, for whoever holds it against a budget. */
  readonly freezes: { readonly from: number; to: number }[] = [];

  constructor(clock: SimulatedClock) {
    this.#clock = clock;
  }

  get state(): 'running' | 'frozen' | 'dead' {
    return this.#state;
  }

  /** Timers of the library that wait in it. */
  get timers(): number {
    return this.#timers.size;
  }

  freeze(): void {
    if (this.#state !== 'running') return;
    this.#state = 'frozen';
    this.#frozenAt = this.#clock.now();
    this.freezes.push({ from: this.#frozenAt, to: Infinity });
  }

  /** Goes on: all that was due meanwhile happens at once, in its order. */
  thaw(): void {
    if (this.#state !== 'frozen') return;
    this.#state = 'running';
    const freeze = this.freezes.at(-1);
    if (freeze !== undefined) freeze.to = this.#clock.now();
    for (const wake of this.#wake.splice(0)) queueMicrotask(wake);
  }

  /** Its wall clock is set. No duration is another one for it. */
  setClock(offMs: number): void {
    this.#offMs = offMs;
    this.hasJumped = true;
  }

  /** A deadline in ms since the epoch, put off until the process was awake. */
  awakeBy(deadline: number): number {
    return this.freezes.reduce((until, { from, to }) => (from <= until ? Math.max(until, to) : until), deadline);
  }

  /** As by SIGKILL. */
  kill(): void {
    this.#state = 'dead';
    this.#wake = [];
    this.#timers.clear();
    for (const callback of this.#onDeath) callback();
    this.#onDeath.clear();
  }

  /** The kernel closes the connections of a process that dies. Returns how to take it back. */
  onDeath(callback: () => void): () => void {
    this.#onDeath.add(callback);
    return () => this.#onDeath.delete(callback);
  }

  /** A promise unless it runs: to wait for before anything goes in or out. */
  gate(): Promise<void> | undefined {
    if (this.#state === 'running') return undefined;
    return new Promise((resolve) => {
      if (this.#state === 'frozen') this.#wake.push(resolve);
    });
  }

  clock(): Clock {
    const clock = this.#clock;
    return {
      now: () => clock.now() + this.#offMs,
      elapsed: () => clock.now(),
      setTimeout: (callback, delayMs) => {
        const timer = clock.setTimeout(() => {
          if (this.#state === 'frozen') this.#wake.push(() => this.#fire(timer, callback));
          else this.#fire(timer, callback);
        }, delayMs);
        if (this.#state !== 'dead') this.#timers.add(timer);
        return timer;
      },
      clearTimeout: (timer) => {
        this.#timers.delete(timer as number);
        clock.clearTimeout(timer);
      },
    };
  }

  /** Unless it was dropped while it waited for the thaw. */
  #fire(timer: number, callback: () => void): void {
    if (this.#state === 'dead' || !this.#timers.delete(timer)) return;
    callback();
  }
}
