/**
 * A signal inside of the library. Set, it calls its listeners in that turn, and not again before it is reset. It stands in for
 * an `AbortSignal`, which warns of a leak from the eleventh listener on. Never handed to the SDK.
 */
export class Latch {
  readonly #listeners = new Set<() => void>();
  #aborted = false;

  get aborted(): boolean {
    return this.#aborted;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Does not rest on `this`: signals of other makes may call it in their own way. */
  readonly abort = (): void => {
    if (this.#aborted) return;
    this.#aborted = true;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener();
  };

  reset(): void {
    this.#aborted = false;
  }

  reached(): Promise<void> {
    if (this.#aborted) return Promise.resolve();
    return new Promise((resolve) => void this.on(resolve));
  }

  /** Calls back when it is set, unless it is set already. Returns how to stop listening. */
  on(listener: () => void): () => void {
    if (!this.#aborted) this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
