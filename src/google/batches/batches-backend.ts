import { expected } from '../../util/expected.js';
import type { ImageRequest } from '../parameters.js';
import type { CancelableBackend, JobStatus } from '../port.js';
import { contentConfig } from '../content.js';
import type { GenAIClient, InlinedRequest } from '../sdk.js';
import { BatchCalls } from './batch-calls.js';
import { downloadFile } from '../direct-calls.js';
import { rowsOf, StoredResults } from './results.js';
import { parseFileBatch } from './parse-vertex-batch.js';
import { parseBatch } from './parse-batch.js';

/** What the API takes inside of a request; larger batches need a file. */
const MAX_INLINED_BYTES = 20 * 1024 * 1024;

const USE_A_FILE =
  'For more, upload them by `ai.files.upload()`, start the batch by `ai.batches.create()` with that file as its `src`, and `attach()` to its name.';

/**
 * Batches of the Gemini API: one job for all images, at half the price and with hours of patience. It can be listed, so a
 * create whose answer was lost is found again by its display name.
 */
export class BatchesBackend extends BatchCalls implements CancelableBackend {
  readonly #requests: readonly ImageRequest[];
  readonly #results: StoredResults;

  /** Throws a `RangeError` if the requests are too large to be sent in one. */
  constructor(client: GenAIClient, model: string, requests: readonly ImageRequest[]) {
    const prompts = requests.map(({ prompt }) => prompt);
    super(client, model, prompts);
    this.#requests = requests;
    this.#results = new StoredResults(async (file) => [...rowsOf(await downloadFile(client, file))], this.failures);
    const bytes = new TextEncoder().encode(JSON.stringify(this.#inlined(requests.map((_, index) => index)))).length;
    if (bytes <= MAX_INLINED_BYTES) return;
    const what = expected('requests', `at most ${MAX_INLINED_BYTES} bytes (20 MB) of JSON`, bytes);
    throw new RangeError(`${what} ${USE_A_FILE}`);
  }

  plan(indices: readonly number[]): readonly (readonly number[])[] {
    return [indices];
  }

  create(indices: readonly number[], displayName: string): Promise<JobStatus> {
    return this.send(this.#inlined(indices), displayName, (answer) => parseBatch(answer, indices.length));
  }

  read(id: string, timeoutMs: number, { length }: readonly number[]): Promise<JobStatus> {
    return this.failures.guard(async () => {
      const batch = await this.get(id, timeoutMs);
      const stored = parseFileBatch(batch);
      return this.failures.clean(stored === undefined ? parseBatch(batch, length) : this.#results.statusOf(stored));
    });
  }

  lostHint(displayName: string): string {
    return `A batch may be running and being paid for; its name was never received: look in \`ai.batches.list()\` for the display name ${displayName}.`;
  }

  #inlined(indices: readonly number[]): InlinedRequest[] {
    return indices.flatMap((index) => {
      const request = this.#requests[index];
      if (request === undefined) return [];
      return [{ contents: request.prompt, config: contentConfig(request, request.isSeries ? index : 0) }];
    });
  }
}
