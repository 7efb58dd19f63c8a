import { OperationFailedError } from '../../errors/operation-failed-error.js';
import { StorageMissingError } from '../../errors/storage-missing-error.js';
import type { FailureFactory } from '../../operation/job.js';
import type { JobOutput, JobStatus } from '../backend.js';
import { describeFailure, isObject } from '../call-failure.js';
import { commonStatusOf, type VertexBatch } from './parse-vertex-batch.js';
import { outputsElsewhere, outputsOfRows } from './vertex-outputs.js';
import { readRows, type CloudStorage, type ResultRow, type StorageLoader } from './vertex-storage.js';

/** How often the results are asked for before they are left where they lie. Each status read asks at most once. */
const MAX_TRIES = 5;
/** What Cloud Storage does not change its mind about. */
const FINAL_CODES: readonly unknown[] = [401, 403, 404];

/**
 * The results of one batch that has ended, fetched from Cloud Storage beside the status reads: they can be large, and what
 * the server says of the job must not wait for them.
 */
export class VertexResults {
  readonly #load: StorageLoader | undefined;
  readonly #redact: (message: string) => string;
  #isReading = false;
  #tries = 0;
  #rows: readonly ResultRow[] | undefined;
  #failure: FailureFactory | undefined;

  /** Without a `load` the results are left where they lie. */
  constructor(load: StorageLoader | undefined, redact: (message: string) => string) {
    this.#load = load;
    this.#redact = redact;
  }

  /** The status with what the batch has made, or with `pending` as long as that is being fetched. */
  statusOf(batch: VertexBatch): JobStatus {
    const common = commonStatusOf(batch);
    if (!hasMadeSomething(batch)) return common;
    const elsewhere = outputsElsewhere(batch);
    if (batch.folder === undefined || this.#load === undefined) return withOutputs(common, elsewhere);
    if (this.#rows !== undefined) return withOutputs(common, outputsOfRows(this.#rows, batch));
    if (this.#failure !== undefined) return { ...withOutputs(common, elsewhere), notFetched: this.#failure };
    if (!this.#isReading) void this.#read(batch.folder, this.#load, batch.status);
    return { ...common, phase: 'succeeded', pending: elsewhere };
  }

  async #read(folder: string, load: StorageLoader, status: string): Promise<void> {
    this.#isReading = true;
    this.#tries++;
    let storage: CloudStorage | undefined;
    try {
      storage = await load();
      this.#rows = await readRows(storage, folder);
    } catch (error) {
      if (storage === undefined) {
        this.#failure = (jobs) => new StorageMissingError(folder, { jobs, cause: error });
      } else if (this.#tries >= MAX_TRIES || (isObject(error) && FINAL_CODES.includes(error['code']))) {
        const message = `The batch has ended and its results are in ${folder}, but reading them failed: ${describeFailure(error, this.#redact).error.message}`;
        this.#failure = (jobs) => new OperationFailedError(message, { status, jobs });
      }
    } finally {
      this.#isReading = false;
    }
  }
}

/** Whether there is anything to be had: rows that are done are kept, whatever became of the batch. */
function hasMadeSomething({ phase, counts, isWritten }: VertexBatch): boolean {
  if (phase === 'succeeded') return true;
  return (phase === 'cancelled' || phase === 'failed') && isWritten && counts?.succeeded !== 0;
}

function withOutputs(status: JobStatus, outputs: readonly JobOutput[]): JobStatus {
  return { ...status, phase: 'succeeded', outputs };
}
