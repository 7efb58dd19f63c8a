import { Slots } from '../../util/slots.js';

/** Status reads that are on their way at a time. */
const MAX_READS = 64;
/** So many cancel calls without an answer are a crowd: reads wait for them. */
const MAX_CANCELS = 32;

type TryEnd = (isUnconnected: boolean) => void;

/** How long the last job of a model took: it still ran after `fromMs`, and was over after `toMs`. */
export interface WorkLength {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The operations that share a process. Watching gives way, so that each cancel reaches the server first. */
export class Crowd {
  /** How long the jobs of each model take. */
  readonly lengths = new Map<string, WorkLength>();
  readonly #maxStreams: number;
  readonly #reads = new Slots((taken) => taken < MAX_READS && !this.isCrowded);
  readonly #tries = new Slots((taken) => taken < this.#maxTries || !this.isCrowded);
  #maxTries = Infinity;
  #streams = 0;
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
      this.#reads.admit();
    });
  }

  /** Begins the first cancel call of a job, which never waits. Call the returned function at its end. */
  startTry(): TryEnd {
    this.#tries.taken++;
    return this.#endTry;
  }

  /** Begins a later cancel call, when it may find a connection. */
  async startLaterTry(): Promise<TryEnd> {
    await this.#tries.enter();
    return this.#endTry;
  }

  readonly #endTry: TryEnd = (isUnconnected) => {
    const others = this.#tries.taken - 1;
    // There are no more descriptors than that: tries beyond it only cost time.
    if (isUnconnected) this.#maxTries = Math.min(this.#maxTries, Math.max(others, MAX_CANCELS));
    this.#tries.leave();
    if (this.#tries.taken === 0) this.#maxTries = Infinity;
  };

  /** Waits for the turn of a read, if there is a crowd. Resolves to the function that ends it. */
  enterRead(): Promise<() => void> {
    return this.#reads.enter();
  }

  get isCrowded(): boolean {
    return this.#cancels > MAX_CANCELS;
  }

  /** Status reads wait for their turn. */
  get isQueueing(): boolean {
    return this.#reads.isQueueing;
  }
}

function once(callback: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) callback();
    isDone = true;
  };
}
