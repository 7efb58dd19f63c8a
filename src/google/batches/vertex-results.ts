import { OperationFailedError, type FailureFactory } from '../../api/errors.js';
import type { JobOutput, JobStatus } from '../port.js';
import type { FailureReader } from '../failures.js';
import { isObject } from '../../util/json.js';
import { commonStatusOf, type VertexBatch } from './parse-vertex-batch.js';
import { outputsElsewhere, outputsOfRows } from './vertex-outputs.js';
import type { CloudStorage } from '../../api/cloud-storage.js';
import { readRows, type ResultRow } from './vertex-storage.js';

/** How often the results are asked for before they are left where they lie. Each status read asks at most once. */
const MAX_TRIES = 5;
/** What Cloud Storage does not change its mind about. */
const FINAL_CODES: readonly unknown[] = [401, 403, 404];

/**
 * The results of one batch that has ended, fetched from Cloud Storage beside the status reads: they can be large, and what
 * the server says of the job must not wait for them.
 */
export class VertexResults {
  readonly #storage: CloudStorage | undefined;
  readonly #failures: FailureReader;
  #isReading = false;
  #tries = 0;
  #rows: readonly ResultRow[] | undefined;
  #failure: FailureFactory | undefined;

  /** Without `storage` the results stay where they are. */
  constructor(storage: CloudStorage | undefined, failures: FailureReader) {
    this.#storage = storage;
    this.#failures = failures;
  }

  /** The status with what the batch has made, or with `pending` as long as that is being fetched. */
  statusOf(batch: VertexBatch): JobStatus {
    const common = commonStatusOf(batch);
    if (!hasMadeSomething(batch)) return common;
    const elsewhere = outputsElsewhere(batch);
    if (batch.folder === undefined || this.#storage === undefined) return withOutputs(common, elsewhere);
    if (this.#rows !== undefined) return withOutputs(common, outputsOfRows(this.#rows, batch));
    if (this.#failure !== undefined) return { ...withOutputs(common, elsewhere), notFetched: this.#failure };
    if (!this.#isReading) void this.#read(batch.folder, this.#storage);
    return { ...common, phase: 'succeeded', pending: elsewhere };
  }

  async #read(folder: string, storage: CloudStorage): Promise<void> {
    this.#isReading = true;
    this.#tries++;
    try {
      this.#rows = await readRows(storage, folder);
    } catch (error) {
      if (this.#tries < MAX_TRIES && !(isObject(error) && FINAL_CODES.includes(error['code']))) return;
      const { error: cause } = this.#failures.read(error);
      const message = `The batch has ended and its results are in ${folder}, but reading them failed: ${cause.message}`;
      this.#failure = (jobs) => new OperationFailedError('RESULT_UNREADABLE', message, { jobs, cause });
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
