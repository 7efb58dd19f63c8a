import { compact, textIn } from '../../util/json.js';
import { isJobName } from '../../api/job-name.js';
import { prepareBatchCancel } from '../direct-calls.js';
import { FailureReader } from '../failures.js';
import type { CancelTemplate, JobStatus } from '../port.js';
import type { BatchCall, CreateBatchRequest, GenAIClient } from '../sdk.js';
import { keptBatch } from './parse-batch.js';

/** The calls that the batches of both hosts have in common. */
export abstract class BatchCalls {
  readonly name = 'batches';
  readonly cancelable = true;
  readonly pollIntervalMs = 10_000;
  readonly model: string;
  protected readonly client: GenAIClient;
  protected readonly failures: FailureReader;

  constructor(client: GenAIClient, model: string, prompts: readonly string[]) {
    this.client = client;
    this.model = model;
    this.failures = new FailureReader(client, prompts);
  }

  nameOf(id: string): string {
    return id;
  }

  protected send(
    src: CreateBatchRequest['src'],
    displayName: string,
    parse: (answer: unknown) => JobStatus,
    dest?: string,
  ): Promise<JobStatus> {
    return this.failures.guardCreate(async (observer) => {
      const config = compact({ displayName, dest, httpOptions: observer.httpOptions() });
      return parse(await this.client.batches.create({ model: this.model, src, config }));
    }, keptBatch);
  }

  protected get(name: string, timeoutMs: number): PromiseLike<unknown> {
    return this.client.batches.get({ name, config: callConfig(timeoutMs) });
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
}

/** The config of a call that names a batch: one try, so long. */
function callConfig(timeoutMs: number): BatchCall['config'] {
  return { httpOptions: { timeout: Math.max(1, Math.ceil(timeoutMs)), retryOptions: { attempts: 1 } } };
}

/** A list with more pages has no end. */
const MAX_PAGES = 10_000;

/**
 * Returns the names of the batches with this display name, the oldest first. It reads the whole list, since a list that was
 * read in part proves nothing. Vertex can `filter` it. Rejects if a page cannot be read.
 */
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
