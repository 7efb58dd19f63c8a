/** Writes to a store, one after another: the last write has to be the newest. */
export class WriteQueue {
  /** Writes that were given up, and have no end yet. Each may still put an older text in the place of a newer one. */
  readonly late = new Set<Promise<unknown>>();
  readonly #busyChanged: () => void;
  #last: Promise<unknown> = Promise.resolve();
  #next: Promise<void> | undefined;
  #pending = 0;

  /** `busyChanged` is called when `isBusy` may have changed. */
  constructor(busyChanged: () => void) {
    this.#busyChanged = busyChanged;
  }

  get isBusy(): boolean {
    return this.#pending > 0;
  }

  /** Resolves when all writes up to now have ended, well or not; `undefined` if there are none. */
  ended(): Promise<unknown> | undefined {
    return this.isBusy ? this.#last : undefined;
  }

  giveUp(write: Promise<unknown>): void {
    this.late.add(write);
    void Promise.allSettled([write]).then(() => this.late.delete(write));
  }

  add(work: () => Promise<void>): Promise<void> {
    this.#pending++;
    this.#busyChanged();
    const done = this.#last.then(work).finally(() => {
      this.#pending--;
      this.#busyChanged();
    });
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** Adds a write, or joins the one that was added this way and has not begun: several requests in one turn are one write. */
  addOnce(work: () => Promise<void>): Promise<void> {
    this.#next ??= this.add(() => {
      this.#next = undefined;
      return work();
    });
    return this.#next;
  }
}
