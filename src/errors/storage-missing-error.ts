import { GenaiCancelError } from './base-error.js';

/**
 * A batch on Vertex has ended, and nothing was given to read its results with. They are not lost: `results` is where they
 * lie. Rejects `result()`, and stands in `report.jobs[0].error` after a stop.
 */
export class StorageMissingError extends GenaiCancelError {
  override readonly name = 'StorageMissingError';
  readonly code = 'ERR_STORAGE_MISSING';
  /** The Cloud Storage folder with the results: `gs://…`. */
  readonly results: string;

  constructor(results: string, options: { jobs?: GenaiCancelError['jobs']; cause?: unknown } = {}) {
    super(
      `The batch has ended and its results are in ${results}, but there is nothing to read them with: install ` +
        '@google-cloud/storage, or give `storage`, such as a `new Storage()` of it, to startBatch().',
      options,
    );
    this.results = results;
  }

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), results: this.results };
  }
}
