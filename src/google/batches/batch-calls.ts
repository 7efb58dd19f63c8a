import { isObject } from '../../util/json.js';
import { isJobName } from '../../api/job-name.js';
import { prepareBatchCancel } from '../direct-calls.js';
import type { FailureReader } from '../failures.js';
import type { CancelTemplate } from '../port.js';
import type { BatchCall, GenAIClient } from '../sdk.js';

/** The calls that the batches of both hosts have in common. */
export abstract class BatchCalls {
  readonly name = 'batches';
  readonly cancelable = true;
  readonly pollIntervalMs = 10_000;
  protected readonly client: GenAIClient;
  protected readonly failures: FailureReader;

  constructor(client: GenAIClient, failures: FailureReader) {
    this.client = client;
    this.failures = failures;
  }

  nameOf(id: string): string {
    return id;
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

  hint(): string {
    return '';
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
  const pager = await client.batches.list({ config: { pageSize: 100, ...(filter === undefined ? {} : { filter }) } });
  for (let page = 1; page <= MAX_PAGES; page++) {
    for (const batch of pager.page) {
      if (!isObject(batch) || batch['displayName'] !== displayName) continue;
      const { name, createTime } = batch;
      if (isJobName('batches', name)) found.push({ name, createdAt: Date.parse(String(createTime)) });
    }
    if (!pager.hasNextPage()) return found.sort(byCreation).map(({ name }) => name);
    await pager.nextPage();
  }
  throw new Error('The list of batches has no end.');
}

/** Batches without a readable time come last. */
function byCreation(one: { createdAt: number }, other: { createdAt: number }): number {
  const [first, second] = [one, other].map(({ createdAt }) => (Number.isNaN(createdAt) ? Infinity : createdAt));
  if (first === second) return 0;
  return (first ?? 0) < (second ?? 0) ? -1 : 1;
}
