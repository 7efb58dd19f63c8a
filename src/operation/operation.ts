import { expectKnownNames, expectSignal } from '../util/expected.js';
import type { GenerateImagesResponse } from '../api/images.js';
import type { CancelReport, Usage } from '../api/report.js';
import type { EventListener } from './event-channel.js';
import type { OperationEvent, OperationEvents, OperationState } from '../api/events.js';
import type { JobSnapshot, OperationSnapshot } from '../api/snapshot.js';
import type { OperationRun } from './run.js';

/** Options of the methods that wait. */
export interface WaitOptions {
  /** Ends the waiting, not the operation. */
  signal?: AbortSignal | undefined;
}

/** Older browsers lack the symbol; there the method is reachable by no name, and `cancel()` does the same. */
export const asyncDispose: typeof Symbol.asyncDispose = ((Symbol as { asyncDispose?: symbol }).asyncDispose ??
  Symbol('Symbol.asyncDispose')) as typeof Symbol.asyncDispose;

/**
 * The handle of one call that makes images: one or more jobs on the server. It is not a promise, so that it can be
 * returned from an async function without being waited for.
 *
 * @example
 * ```ts
 * const operation = images.start({ model, prompt });
 * operation.on('image', ({ index, image }) => save(index, image));
 * const { generatedImages } = await operation.result();
 * ```
 */
export class Operation {
  readonly #run: OperationRun;

  /** @internal */
  constructor(run: OperationRun) {
    this.#run = run;
  }

  /** Unique to it, and the same in its snapshots, in the journal, and for whoever attaches to it. */
  get id(): string {
    return this.#run.identity.id;
  }

  get state(): OperationState {
    return this.#run.state;
  }

  /** Its jobs as they stand now, in the order of the images. */
  get jobs(): readonly JobSnapshot[] {
    return this.#run.jobs.map((job) => job.snapshot());
  }

  /**
   * Whether the server can be asked to stop it: `false` for fire and forget, from the start or, where the server turns out
   * not to run the model in the background, from its `not-cancelable` warning on.
   */
  get cancelable(): boolean {
    return this.#run.jobs.every(({ backend }) => backend.cancelable);
  }

  /** Tokens that the server has reported so far, added up over the jobs; `undefined` if it has reported none. */
  get usage(): Usage | undefined {
    return this.#run.usage;
  }

  /**
   * Resolves when each job that may be sent at first has its name, in the journal too if there is one. A job that was
   * refused has an `error` instead. Later names come by further `submitted` events. Rejects with the operation's error if
   * no job was accepted, and with the reason of `signal`.
   */
  submitted(options: WaitOptions = {}): Promise<void> {
    return this.#wait(this.#run.callers.submitted.promise, options);
  }

  /**
   * The images. May be called any number of times, and later. It resolves if any image was made or refused by the model:
   * the jobs that failed have an `error` and gave a `warning`.
   *
   * Rejects with `OperationCancelledError` after a trigger, whatever came of it; with `NotStartedError`, `MayBeRunningError` or
   * `OperationFailedError` if there is no image; and with the reason of `signal`, which only ends the wait.
   */
  result(options: WaitOptions = {}): Promise<GenerateImagesResponse> {
    return this.#wait(this.#run.callers.result.promise, options);
  }

  /**
   * Cancels on the server and resolves to the report, within `cancelTimeoutMs`. Never rejects. The first trigger counts, and
   * its `reason` is kept; later calls resolve to the same report. After the end it sends nothing, with one exception: named
   * jobs whose end is unknown are cancelled.
   */
  cancel(reason: unknown = new DOMException('The operation was cancelled.', 'AbortError')): Promise<CancelReport> {
    return this.#run.stop('cancel', reason);
  }

  /** From here on, leaving an `await using` scope, signals and the exit of the process leave it running. */
  detach(): void {
    this.#run.detach();
  }

  /** Calls `listener` at every event of that name. Returns how to stop that. */
  on<Name extends keyof OperationEvents>(name: Name, listener: EventListener<Name>): () => void {
    this.#run.channel.on(name, listener, false);
    return () => this.off(name, listener);
  }

  /** Calls `listener` at the next event of that name only. Returns how to stop that. */
  once<Name extends keyof OperationEvents>(name: Name, listener: EventListener<Name>): () => void {
    this.#run.channel.on(name, listener, true);
    return () => this.off(name, listener);
  }

  /** Takes a listener off, or all of that name. */
  off<Name extends keyof OperationEvents>(name: Name, listener?: EventListener<Name>): void {
    this.#run.channel.off(name, listener);
  }

  /**
   * The events from now on, each with its name as `type`; ends when no event can come any more. Leaving the loop only unsubscribes. An
   * abort of `signal` makes it throw the signal's reason, and does nothing to the operation.
   */
  events(options: WaitOptions = {}): AsyncIterableIterator<OperationEvent> {
    checkWaitOptions(options);
    return this.#run.channel.iterate(options.signal);
  }

  /** Plain data to find the jobs again by, with `attach()`, in another process or on another machine. */
  toJSON(): OperationSnapshot {
    return this.#run.snapshot();
  }

  /** Cancels on the server what is still in flight, unless it was detached, and waits for the report. Never throws. */
  async [asyncDispose](): Promise<void> {
    if (this.#run.isSettled || this.#run.isDetached) return;
    await this.#run.stop('dispose', new DOMException('The scope of the operation was left.', 'AbortError'));
  }

  #wait<T>(promise: Promise<T>, options: WaitOptions): Promise<T> {
    checkWaitOptions(options);
    const waiting = this.#run.waiting(unlessAborted(promise, options.signal));
    // A caller who drops the promise has chosen not to know.
    waiting.catch(() => undefined);
    return waiting;
  }
}

function checkWaitOptions(options: WaitOptions): void {
  expectKnownNames('options', options, ['signal']);
  expectSignal('signal', options.signal);
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener('abort', abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
