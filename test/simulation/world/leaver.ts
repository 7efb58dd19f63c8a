/** The part of an `AbortSignal` that the emulator listens to: whether its client has left. The platform's own is slow to make. */
export class Leaver {
  readonly #listeners = new Set<() => void>();
  #left = false;
  #reason: unknown;

  get signal(): AbortSignal {
    const isLeft = (): boolean => this.#left;
    const reason = (): unknown => this.#reason;
    const signal = {
      get aborted() {
        return isLeft();
      },
      get reason() {
        return reason();
      },
      addEventListener: (_: string, listener: () => void) => this.#listeners.add(listener),
      removeEventListener: (_: string, listener: () => void) => this.#listeners.delete(listener),
    };
    return signal as unknown as AbortSignal;
  }

  hasLeft(): boolean {
    return this.#left;
  }

  leave(reason?: unknown): void {
    if (this.#left) return;
    [this.#left, this.#reason] = [true, reason];
    for (const listener of [...this.#listeners]) listener();
  }
}

/** Settles like the promise, or rejects with the signal's reason as soon as that aborts. */
export function unlessAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  onAbort: () => void,
): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      onAbort();
      reject(signal.reason as Error);
    };
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener('abort', abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
