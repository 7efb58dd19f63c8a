/**
 * A signal inside of the library. Set, it calls its listeners in that turn, and not again before it is reset. It has the shape
 * of an `AbortSignal`, which warns of a leak from the eleventh listener on. Never handed to the SDK.
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

  abort(): void {
    if (this.#aborted) return;
    this.#aborted = true;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener();
  }

  reset(): void {
    this.#aborted = false;
  }

  reached(): Promise<void> {
    if (this.#aborted) return Promise.resolve();
    return new Promise((resolve) => this.#listeners.add(resolve));
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    if (!this.#aborted) this.#listeners.add(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.delete(listener);
  }
}
