import { expected } from '../../expected.js';
import type { ImageRequest } from '../../images/parameters.js';
import type { CancelableBackend, CancelTemplate, JobStatus } from '../backend.js';
import { contentConfig } from '../models/content-request.js';
import { redact } from '../redact.js';
import type { CreateBatchRequest, GenAIClient, InlinedRequest } from '../sdk.js';
import { callConfig, prepareBatchCancel } from './batch-calls.js';
import { namesIn } from './list.js';
import { parseBatch } from './parse-batch.js';

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

  /** Throws a `RangeError` if the requests are too large to be sent in one. */
  constructor(client: GenAIClient, model: string, requests: readonly ImageRequest[]) {
    this.#client = client;
    this.model = model;
    this.#requests = requests;
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

  async create(indices: readonly number[], displayName: string): Promise<JobStatus> {
    const request: CreateBatchRequest = {
      model: this.model,
      src: this.#inlined(indices),
      config: { displayName, httpOptions: { retryOptions: { attempts: 1 } } },
    };
    return parseBatch(await this.#client.batches.create(request), indices.length);
  }

  async read(id: string, timeoutMs: number, indices: readonly number[]): Promise<JobStatus> {
    return parseBatch(await this.#client.batches.get({ name: id, config: callConfig(timeoutMs) }), indices.length);
  }

  async cancel(id: string, timeoutMs: number): Promise<void> {
    await this.#client.batches.cancel({ name: id, config: callConfig(timeoutMs) });
  }

  find(displayName: string): Promise<readonly string[]> {
    return namesIn(this.#client, displayName);
  }

  prepareCancel(): Promise<CancelTemplate | undefined> {
    return prepareBatchCancel(this.#client);
  }

  lostHint(displayName: string): string {
    return `A batch may be running and being paid for; its name was never received: look in \`ai.batches.list()\` for the display name ${displayName}.`;
  }

  redact(message: string): string {
    const prompts = this.#requests.map(({ prompt }) => prompt);
    return redact(message, this.#client, prompts);
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
