import { expected } from '../../util/expected.js';
import type { ImageRequest } from '../parameters.js';
import type { CancelableBackend, CancelTemplate, JobStatus } from '../port.js';
import { contentConfig } from '../content/content-request.js';
import { FailureReader } from '../failures.js';
import type { CreateBatchRequest, GenAIClient, InlinedRequest } from '../sdk.js';
import { callConfig, prepareBatchCancel } from './batch-calls.js';
import { namesIn } from './list.js';
import { keptBatch, parseBatch } from './parse-batch.js';

/** What the API takes inside of a request; larger batches need a file. */
const MAX_INLINED_BYTES = 20 * 1024 * 1024;

/**
 * Batches of the Gemini API: one job for all images, at half the price and with hours of patience. It can be listed, so a
 * create whose answer was lost is found again by its display name.
 */
export class BatchesBackend implements CancelableBackend {
  readonly name = 'batches';
  readonly cancelable = true;
  readonly pollIntervalMs = 10_000;
  readonly model: string;
  readonly #client: GenAIClient;
  readonly #requests: readonly ImageRequest[];
  readonly #failures: FailureReader;

  /** Throws a `RangeError` if the requests are too large to be sent in one. */
  constructor(client: GenAIClient, model: string, requests: readonly ImageRequest[]) {
    this.#client = client;
    this.model = model;
    this.#requests = requests;
    this.#failures = new FailureReader(
      client,
      requests.map(({ prompt }) => prompt),
    );
    const bytes = new TextEncoder().encode(JSON.stringify(this.#inlined(requests.map((_, index) => index)))).length;
    if (bytes > MAX_INLINED_BYTES) {
      throw new RangeError(expected('requests', `at most ${MAX_INLINED_BYTES} bytes (20 MB) of JSON`, bytes));
    }
  }

  nameOf(id: string): string {
    return id;
  }

  plan(indices: readonly number[]): readonly (readonly number[])[] {
    return [indices];
  }

  create(indices: readonly number[], displayName: string): Promise<JobStatus> {
    const src = this.#inlined(indices);
    return this.#failures.guardCreate(async (observer) => {
      const config = { displayName, httpOptions: { retryOptions: { attempts: 1 }, ...observer.options() } };
      const request: CreateBatchRequest = { model: this.model, src, config };
      return parseBatch(await this.#client.batches.create(request), indices.length);
    }, keptBatch);
  }

  read(id: string, timeoutMs: number, { length }: readonly number[]): Promise<JobStatus> {
    return this.#failures.guard(async () => {
      const batch = await this.#client.batches.get({ name: id, config: callConfig(timeoutMs) });
      return this.#failures.clean(parseBatch(batch, length));
    });
  }

  async cancel(id: string, timeoutMs: number): Promise<void> {
    await this.#failures.guard(() => this.#client.batches.cancel({ name: id, config: callConfig(timeoutMs) }));
  }

  find(displayName: string): Promise<readonly string[]> {
    return this.#failures.guard(() => namesIn(this.#client, displayName));
  }

  prepareCancel(): Promise<CancelTemplate | undefined> {
    return prepareBatchCancel(this.#client);
  }

  lostHint(displayName: string): string {
    return `A batch may be running and being paid for; its name was never received: look in \`ai.batches.list()\` for the display name ${displayName}.`;
  }

  hint(): string {
    return '';
  }

  #inlined(indices: readonly number[]): InlinedRequest[] {
    return indices.flatMap((index) => {
      const request = this.#requests[index];
      if (request === undefined) return [];
      return [{ contents: request.prompt, config: contentConfig(request, request.isSeries ? index : 0) }];
    });
  }
}
