/** Status reads that are on their way at a time. */
const MAX_READS = 64;
/** So many cancel calls without an answer are a crowd: reads wait for them. */
const MAX_CANCELS = 32;

/**
 * The operations that share a process. Watching gives way, so that each cancel reaches the server first: streams stay below a
 * ceiling, status reads have a limit, and they wait while many cancel calls are on their way.
 */
export class Crowd {
  readonly #maxStreams: number;
  readonly #waiting: (() => void)[] = [];
  #streams = 0;
  #reads = 0;
  #cancels = 0;

  /** A stream holds a descriptor: `maxStreams` leaves the most of them to cancels. */
  constructor(maxStreams: number) {
    this.#maxStreams = maxStreams;
  }

  /** Takes a place for a stream. Returns how to free it; `undefined` if there is none: then the status is polled. */
  enterStream(): (() => void) | undefined {
    if (this.#streams >= this.#maxStreams) return undefined;
    this.#streams++;
    return once(() => this.#streams--);
  }

  /** Counts the first cancel call of a job as on its way. Call the returned function when it was answered. */
  enterCancel(): () => void {
    this.#cancels++;
    return once(() => {
      this.#cancels--;
      this.#admit();
    });
  }

  /** Waits for the turn of a read, if there is a crowd. Resolves to the function that ends it. */
  async enterRead(): Promise<() => void> {
    if (this.#isFull()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#reads++;
    return once(() => {
      this.#reads--;
      this.#admit();
    });
  }

  /** Many cancel calls are on their way. */
  get isCrowded(): boolean {
    return this.#cancels > MAX_CANCELS;
  }

  /** Status reads wait for their turn. */
  get isQueueing(): boolean {
    return this.#waiting.length > 0;
  }

  #isFull(): boolean {
    return this.#reads >= MAX_READS || this.isCrowded;
  }

  #admit(): void {
    while (this.#waiting.length > 0 && !this.#isFull()) {
      this.#reads++;
      this.#waiting.shift()?.();
    }
  }
}

function once(callback: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) callback();
    isDone = true;
  };
}
