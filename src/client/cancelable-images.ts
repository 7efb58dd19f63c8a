import type { ModelCapabilities } from './capabilities.js';
import type { StartBatch } from './start-batch.js';
import type { GenerateImagesParameters, GenerateImagesResponse, ImageModel } from '../api/images.js';
import type { AttachOptions } from './attach.js';
import type { RecoverOptions, Recovery } from './recover.js';
import type { Operation } from '../api/handle.js';
import type { OperationSnapshot } from '../api/snapshot.js';
import type { OperationOptions } from '../api/options.js';
import type { ProbeOptions, ProbeReport } from '../api/probe.js';
import type { CancelReport } from '../api/report.js';

/** The place of the operations in what `cancelable()` returns, for other entries. All copies of the library share it. */
export const OPERATIONS = Symbol.for('genai-cancel.operations.v1');

/** Image generation that can be stopped on the server. Its functions can be taken off it: none of them uses `this`. */
export interface CancelableImages {
  /**
   * Takes what `ai.models.generateImages()` takes and resolves to what it resolves to; its `config.abortSignal` cancels on
   * the server. Rejects like `Operation.result()`, and with what `start()` throws.
   */
  readonly generateImages: (
    parameters: GenerateImagesParameters,
    options?: OperationOptions,
  ) => Promise<GenerateImagesResponse>;
  /**
   * Starts an operation and returns its handle at once. Before anything is sent it throws `TypeError`, `RangeError` or
   * `UnsupportedParameterError` for bad input, and `NotStartedError`: `MODEL_RETIRED`, `NOT_CANCELABLE` from what this client
   * has observed, `CLIENT_CLOSED` after `close()`.
   */
  readonly start: (parameters: GenerateImagesParameters, options?: OperationOptions) => Operation;
  readonly startBatch: StartBatch;
  /**
   * Cancels a job that is known only by its name (`interactions/…`, `batches/…`, or on Vertex
   * `projects/…/locations/…/batchPredictionJobs/…`) and resolves to the server's report. A process that
   * watches the job sees its end; a record of it without an owner leaves the journal. Rejects with a
   * `TypeError` for a name that cannot be one or is of another host or location than the client's, and never for what a
   * server may do. What a batch on Vertex has made is not fetched: `report.jobs[0].results` tells where it lies.
   */
  readonly cancel: (name: string) => Promise<CancelReport>;
  /**
   * An operation again, in another process or on another machine: by what its `toJSON()` gave, or one job by its name. It
   * watches, delivers and cancels like the original, which it does not stop: both hear of the end. Begins at once.
   *
   * A job whose name was not known when the snapshot was taken is looked for if it is a batch; else `result()` rejects with
   * `MayBeRunningError` (`RESPONSE_LOST`). With a `journal`, the record of an operation whose process is gone is taken over; one that has none
   * is written down.
   *
   * Throws a `TypeError` for what is neither a name nor a snapshot, and for jobs of another host, project or location than
   * the client's; `NotStartedError` (`CLIENT_CLOSED`) after `close()`.
   */
  readonly attach: (nameOrSnapshot: string | OperationSnapshot, options?: AttachOptions) => Operation;
  /**
   * Finds the operations that a crash, a `kill -9`, or a cancel without confirmation left in the journal, and attaches to them
   * or cancels them. Only one process takes each, however many recover at once. Records of living processes are not
   * touched. Call it at any time, also on a schedule.
   *
   * Rejects with a `TypeError` or `RangeError` for bad options and without a `journal`, with `NotStartedError`
   * (`CLIENT_CLOSED`) after `close()`, and with the journal's own error if it has claimed nothing.
   */
  readonly recover: (options?: RecoverOptions) => Promise<Recovery>;
  /**
   * Takes a record that nobody owns out of the journal, by its `id`: for what is in doubt, once somebody has looked into it. Nothing is
   * sent. Resolves to `false` if there is none, or its process lives.
   */
  readonly forget: (id: string) => Promise<boolean>;
  /** Tells what is known of a model before anything is sent, and how it is known. Throws a `TypeError` for an empty name. */
  readonly capabilities: (model: ImageModel) => ModelCapabilities;
  /**
   * Asks the server what it does with a model, by the smallest background job: starts it, reads it, opens its stream, cancels
   * it twice, and reads it until its end. That may cost up to one image. Resolves to what was seen,
   * whatever the server did; `capabilities()` knows it from then on. Process signals, and the exit of the process, cancel the job.
   *
   * Rejects with a `TypeError` for bad input, and with `NotStartedError` (`NOT_SENT`, `JOURNAL_FAILED`, `MODEL_RETIRED`,
   * `CLIENT_CLOSED`) if nothing was asked. After an abort of `signal` the job is cancelled, and the probe rejects with the
   * reason, or with an `OperationCancelledError` that names the job if its end was not confirmed.
   */
  readonly probe: (model: ImageModel, options?: ProbeOptions) => Promise<ProbeReport>;
  /** The operations in flight. */
  readonly operations: readonly Operation[];
  /** Cancels all operations in flight, side by side. Never rejects. */
  readonly cancelAll: (reason?: unknown) => Promise<CancelReport[]>;
  /** Cancels what is in flight, except what was detached, starts nothing any more, and waits for the journal. Never rejects. */
  readonly close: () => Promise<void>;
  /** Does what `close()` does, at the end of an `await using` scope. */
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}
