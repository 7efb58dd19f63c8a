import type { GenerateImagesResponse } from './images.js';
import type { CancelReport, Usage } from './report.js';
import type { EventListener, OperationEvent, OperationEvents, OperationState } from './events.js';
import type { JobSnapshot, OperationSnapshot } from './snapshot.js';

/** Options of the methods that wait. */
export interface WaitOptions {
  /** Ends the waiting, not the operation. */
  signal?: AbortSignal | undefined;
}

/**
 * The handle of one call that makes images: one or more jobs on the server. It is not a promise: an async function can return
 * it at once.
 * @example
 * ```ts
 * const operation = images.start({ model, prompt });
 * operation.on('image', ({ index, image }) => save(index, image));
 * const { generatedImages } = await operation.result();
 * ```
 */
export interface Operation {
  /** Unique to it, and the same in its snapshots, in the journal, and after `attach()`. */
  readonly id: string;
  readonly state: OperationState;
  /** Its jobs as they stand now, in the order of the images. */
  readonly jobs: readonly JobSnapshot[];
  /** Whether the server can cancel it. `false` for fire and forget, also from a `not-cancelable` warning on. */
  readonly cancelable: boolean;
  /** Tokens that the server has reported so far, added up over the jobs; `undefined` if it has reported none. */
  readonly usage: Usage | undefined;
  /**
   * Resolves when each job that may be sent at first has its name (in the journal too), or an `error` if it was refused.
   * Later names come by events. Rejects with the operation's error if no job was accepted, or with `signal`'s reason.
   */
  submitted(options?: WaitOptions): Promise<void>;
  /**
   * The images, any number of times. Resolves if any was made or refused by the model: jobs that failed have an `error` and
   * gave a `warning`. Rejects with `OperationCancelledError` after a trigger, whatever came of it. Without an image it rejects
   * with `NotStartedError`, `MayBeRunningError` or `OperationFailedError`. `signal` only ends the wait, with its reason.
   */
  result(options?: WaitOptions): Promise<GenerateImagesResponse>;
  /**
   * Cancels on the server and resolves to the report, within `cancelTimeoutMs`. Never rejects. The first trigger and its
   * `reason` count; later calls give the same report. After the end only named jobs whose end is unknown are cancelled.
   */
  cancel(reason?: unknown): Promise<CancelReport>;
  /** From here on, leaving an `await using` scope, signals and the exit of the process leave it running. */
  detach(): void;
  /** Calls `listener` at every event of that name. Returns how to stop that. */
  on<Name extends keyof OperationEvents>(name: Name, listener: EventListener<Name>): () => void;
  /** Calls `listener` at the next event of that name only. Returns how to stop that. */
  once<Name extends keyof OperationEvents>(name: Name, listener: EventListener<Name>): () => void;
  /** Takes a listener off, or all of that name. */
  off<Name extends keyof OperationEvents>(name: Name, listener?: EventListener<Name>): void;
  /**
   * The events from here on, each with its name as `type`, until no event can come any more. Leaving the loop only
   * unsubscribes. An abort of `signal` makes it throw the signal's reason, and does nothing to the operation.
   */
  events(options?: WaitOptions): AsyncIterableIterator<OperationEvent>;
  /** Plain data to find the jobs again by, with `attach()`, in another process or on another machine. */
  toJSON(): OperationSnapshot;
  /** Cancels on the server what is still in flight, unless it was detached, and waits for the report. Never throws. */
  [Symbol.asyncDispose](): Promise<void>;
}
