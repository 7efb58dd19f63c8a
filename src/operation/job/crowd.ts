/** Status reads that are on their way at a time. */
const MAX_READS = 64;
/** So many cancel calls without an answer are a crowd: reads wait for them. */
const MAX_CANCELS = 32;

/** Ends a cancel call, with whether it got no connection. */
type TryEnd = (isUnconnected: boolean) => void;

/**
 * The operations that share a process. Watching gives way, so that each cancel reaches the server first: streams stay below a
 * ceiling, status reads have a limit, and they wait while many cancel calls are on their way.
 */
export class Crowd {
  readonly #maxStreams: number;
  readonly #waiting: (() => void)[] = [];
  readonly #laterTries: (() => void)[] = [];
  #tries = 0;
  #maxTries = Infinity;
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

  /** Begins the first cancel call of a job, which never waits. Call the returned function at its end. */
  startTry(): TryEnd {
    this.#tries++;
    return (isUnconnected) => this.#endTry(isUnconnected);
  }

  /** Begins a later cancel call, when it may find a connection. */
  async startLaterTry(): Promise<TryEnd> {
    if (!this.isCrowded || this.#tries < this.#maxTries) return this.startTry();
    await new Promise<void>((resolve) => this.#laterTries.push(resolve));
    return (isUnconnected) => this.#endTry(isUnconnected);
  }

  #endTry(isUnconnected: boolean): void {
    this.#tries--;
    // There are no more descriptors than that: tries beyond it only cost time.
    if (isUnconnected) this.#maxTries = Math.min(this.#maxTries, Math.max(this.#tries, MAX_CANCELS));
    while (this.#laterTries.length > 0 && (this.#tries < this.#maxTries || !this.isCrowded)) {
      this.#tries++;
      this.#laterTries.shift()?.();
    }
    if (this.#tries === 0) this.#maxTries = Infinity;
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
