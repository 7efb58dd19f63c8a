import type { Billing } from '../../api/report.js';
import type { CancelableBackend, JobStatus } from '../port.js';
import type { GenAIClient } from '../sdk.js';
import { BatchCalls } from './batch-calls.js';
import { commonStatusOf, parseVertexBatch } from './parse-vertex-batch.js';
import { readRows, StoredResults } from './results.js';
import type { CloudStorage } from '../../api/cloud-storage.js';

/** What a batch on Vertex is made from: addresses, since its requests and results are files or tables. */
export interface VertexBatchRequest {
  readonly model: string;
  readonly source: string;
  readonly destination: string;
}

/** Google's only explicit word on what a cancelled job costs: the reference of batch inference on Vertex. */
const CANCEL_BILLING: Billing = {
  expectation: 'completed-only',
  basis:
    '"If the batch inference job is terminated, all completed rows are exported. You are only charged for completed inferences."',
  source: "Google's documentation of batch inference on Vertex AI",
};

/**
 * The `batchPredictionJobs` of Vertex: one job for all rows of a file in Cloud Storage or of a BigQuery table. How many
 * images that makes is known when it has ended. It can be cancelled once.
 */
export class VertexBatchesBackend extends BatchCalls implements CancelableBackend {
  readonly cancelOnce = true;
  readonly cancelBilling = CANCEL_BILLING;
  readonly #request: VertexBatchRequest | undefined;
  readonly #results: StoredResults;

  /** Takes the name of the model for a job that exists already. Without `storage` the results stay where they are. */
  constructor(client: GenAIClient, request: VertexBatchRequest | string, storage?: CloudStorage) {
    // Its prompts were never here.
    super(client, typeof request === 'string' ? request : request.model, []);
    this.#request = typeof request === 'string' ? undefined : request;
    this.#results = new StoredResults(storage && ((folder) => readRows(storage, folder)), this.failures);
  }

  /** One job, whose images are counted when they are there. */
  plan(): readonly (readonly number[])[] {
    return [[]];
  }

  async create(_indices: readonly number[], displayName: string): Promise<JobStatus> {
    if (this.#request === undefined) throw new TypeError('The job exists already.');
    const { source, destination } = this.#request;
    const parse = (answer: unknown): JobStatus => commonStatusOf(parseVertexBatch(answer));
    return this.send(source, displayName, parse, destination);
  }

  read(id: string, timeoutMs: number): Promise<JobStatus> {
    return this.failures.guard(async () => {
      const batch = parseVertexBatch(await this.get(id, timeoutMs));
      return this.failures.clean(this.#results.statusOf(batch));
    });
  }

  lostHint(displayName: string): string {
    return `A batch may be running and being paid for; its name was never received: look among the batchPredictionJobs for the display name ${displayName}.`;
  }
}
