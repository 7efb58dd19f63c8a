import type { CloudStorage } from '../../api/cloud-storage.js';
import { isJobName, parseJobName } from '../../api/job-name.js';
import type { Webhook } from '../../api/options.js';
import type { Billing } from '../../api/report.js';
import { expected } from '../../util/expected.js';
import { compact, textIn } from '../../util/json.js';
import { BaseBackend } from '../base-backend.js';
import { contentConfig } from '../content.js';
import { downloadFile, prepareBatchCancel } from '../direct-calls.js';
import type { ImageRequest } from '../parameters.js';
import type { CancelableBackend, CancelTemplate, JobStatus } from '../port.js';
import { apiClientOf, type BatchCall, type CreateBatchRequest, type GenAIClient, type InlinedRequest } from '../sdk.js';
import { keptBatch, parseBatch, parseFileBatch, parseVertexBatch } from './parse-batch.js';
import { readRows, rowsOf, StoredResults } from './results.js';

/** Limit of the API for the requests inside of a create; larger batches need a file. */
const MAX_INLINED_BYTES = 20 * 1024 * 1024;
/** A list with more pages has no end. */
const MAX_PAGES = 10_000;
const USE_A_FILE =
  'For more, upload them by `ai.files.upload()`, start the batch by `ai.batches.create()` with that file as its `src`, and `attach()` to its name.';

type BatchConfig = Omit<CreateBatchRequest['config'], 'httpOptions'>;

abstract class BatchCalls extends BaseBackend<VertexBatchRequest> {
  readonly name = 'batches';
  readonly cancelable = true;
  readonly pollIntervalMs = 10_000;

  protected abstract statusOf(batch: unknown, count: number): JobStatus;

  nameOf(id: string): string {
    return id;
  }

  protected send(count: number, src: CreateBatchRequest['src'], own: BatchConfig): Promise<JobStatus> {
    return this.failures.guardCreate(async (observer) => {
      const config = { ...own, httpOptions: observer.httpOptions(this.client) };
      return this.statusOf(await this.client.batches.create({ model: this.model, src, config }), count);
    }, keptBatch);
  }

  read(name: string, timeoutMs: number, { length }: readonly number[]): Promise<JobStatus> {
    return this.failures.guard(async () => {
      const batch = await this.client.batches.get({ name, config: callConfig(timeoutMs) });
      return this.failures.clean(this.statusOf(batch, length));
    });
  }

  async cancel(name: string, timeoutMs: number): Promise<void> {
    await this.failures.guard(() => this.client.batches.cancel({ name, config: callConfig(timeoutMs) }));
  }

  prepareCancel(): Promise<CancelTemplate | undefined> {
    return prepareBatchCancel(this.client);
  }

  find(displayName: string): Promise<readonly string[]> {
    const filter = this.client.vertexai ? `display_name="${displayName}"` : undefined;
    return this.failures.guard(() => namesIn(this.client, displayName, filter));
  }

  lostHint(displayName: string): string {
    const where = this.client.vertexai ? 'among the batchPredictionJobs' : 'in `ai.batches.list()`';
    return `A batch may be running and being paid for; its name was never received: look ${where} for the display name ${displayName}.`;
  }
}

function callConfig(timeoutMs: number): BatchCall['config'] {
  return { httpOptions: { timeout: Math.max(1, Math.ceil(timeoutMs)), retryOptions: { attempts: 1 } } };
}

/** Batches of the Gemini API: one job for all images. If its answer is lost, it is found by its display name. */
export class BatchesBackend extends BatchCalls implements CancelableBackend {
  readonly #requests: readonly ImageRequest[];
  readonly #results = new StoredResults(async (file) => rowsOf(await downloadFile(this.client, file)), this.failures);

  /** Throws a `RangeError` if the requests are too large to be sent in one. */
  constructor(client: GenAIClient, model: string, requests: readonly ImageRequest[]) {
    const prompts = requests.map(({ prompt }) => prompt);
    super(client, model, prompts);
    this.#requests = requests;
    const bytes = new TextEncoder().encode(JSON.stringify(this.#inlined(requests.map((_, index) => index)))).length;
    if (bytes <= MAX_INLINED_BYTES) return;
    const what = expected('requests', `at most ${MAX_INLINED_BYTES} bytes (20 MB) of JSON`, bytes);
    throw new RangeError(`${what} ${USE_A_FILE}`);
  }

  plan(indices: readonly number[]): readonly (readonly number[])[] {
    return [indices];
  }

  create(indices: readonly number[], displayName: string, webhook?: Webhook): Promise<JobStatus> {
    const webhookConfig = webhook && compact({ ...webhook, uris: [...webhook.uris] });
    return this.send(indices.length, this.#inlined(indices), compact({ displayName, webhookConfig }));
  }

  protected statusOf(batch: unknown, count: number): JobStatus {
    const stored = parseFileBatch(batch);
    return stored === undefined ? parseBatch(batch, count) : this.#results.statusOf(stored);
  }

  #inlined(indices: readonly number[]): InlinedRequest[] {
    return indices.flatMap((index) => {
      const request = this.#requests[index];
      if (request === undefined) return [];
      return [{ contents: request.prompt, config: contentConfig(request, request.isSeries ? index : 0) }];
    });
  }
}

/** The addresses that a batch on Vertex is made from: its requests and results are files or tables. */
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

/** Batches of Vertex: one job for a file or table. How many images that makes is known when it has ended. */
export class VertexBatchesBackend extends BatchCalls implements CancelableBackend {
  readonly cancelOnce = true;
  readonly cancelBilling = CANCEL_BILLING;
  readonly #results: StoredResults;

  /** Takes the name of the model for a job that exists already. Without `storage` the results stay where they are. */
  constructor(client: GenAIClient, request: VertexBatchRequest | string, storage?: CloudStorage) {
    super(client, request);
    this.#results = new StoredResults(storage && ((folder) => readRows(storage, folder)), this.failures);
  }

  plan(): readonly (readonly number[])[] {
    return [[]];
  }

  async create(_indices: readonly number[], displayName: string): Promise<JobStatus> {
    const { source, destination } = this.request;
    return this.send(0, source, { displayName, dest: destination });
  }

  protected statusOf(batch: unknown): JobStatus {
    return this.#results.statusOf(parseVertexBatch(batch));
  }
}

/** Returns the names of the batches with this display name, the oldest first. It reads every page, or rejects. */
export async function namesIn(client: GenAIClient, displayName: string, filter?: string): Promise<readonly string[]> {
  const found: { name: string; createdAt: number }[] = [];
  const pager = await client.batches.list({ config: compact({ pageSize: 100, filter }) });
  for (let page = 1; page <= MAX_PAGES; page++) {
    for (const batch of pager.page) {
      const name = textIn(batch, 'name');
      if (textIn(batch, 'displayName') !== displayName || !isJobName('batches', name)) continue;
      // Batches without a readable time come last.
      found.push({ name, createdAt: Date.parse(textIn(batch, 'createTime') ?? '') || Number.MAX_VALUE });
    }
    if (!pager.hasNextPage()) return found.sort((a, b) => a.createdAt - b.createdAt).map(({ name }) => name);
    await pager.nextPage();
  }
  throw new Error('The list of batches has no end.');
}

/** Throws a `TypeError` for the name of a batch that a client cannot reach: one of the other host, or of another location. */
export function checkBatchHost(client: GenAIClient, name: string): void {
  const { location } = parseJobName(name) ?? {};
  const isVertexBatch = location !== undefined;
  if (isVertexBatch !== client.vertexai) {
    throw new TypeError(`${name} is a batch of ${isVertexBatch ? 'Vertex' : 'the Gemini API'}: use a client of that.`);
  }
  // The SDK sends the number of the job with its own location: elsewhere it would look for another job. Names hold the
  // number of the project where clients have its id, so that the projects cannot be compared.
  const ours = apiClientOf(client)?.getLocation?.();
  if (isVertexBatch && ours !== undefined && ours !== location) {
    throw new TypeError(`${name} is a batch in ${location}: use a client with that \`location\`, not with ${ours}.`);
  }
}
