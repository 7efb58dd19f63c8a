import type { JobStatus } from '../backends/backend.js';
import { entriesOf, toResponse, type ResponseEntry } from '../images/response.js';
import type { GenerateImagesResponse } from '../images/types.js';
import { createDeferred } from '../operation/deferred.js';
import type { Job } from '../operation/job.js';

/** What is still made after a stop by requests that nothing can stop: paid for, so not to be thrown away. */
export class Salvage {
  readonly result = createDeferred<GenerateImagesResponse>();
  readonly #expected = new Set<Job>();
  readonly #entries: ResponseEntry[] = [];

  /** Requests are still out. */
  get isOpen(): boolean {
    return this.#expected.size > 0;
  }

  /** From here on these are waited for; without any there is nothing to salvage. */
  expect(jobs: readonly Job[]): void {
    for (const job of jobs) this.#expected.add(job);
    if (!this.isOpen) this.end();
  }

  /** Takes what one of them has made; `undefined` if it failed. */
  take(job: Job, status: JobStatus | undefined): readonly ResponseEntry[] {
    if (!this.#expected.delete(job)) return [];
    const entries = entriesOf(job.indices, status?.outputs ?? []);
    this.#entries.push(...entries);
    if (!this.isOpen) this.end();
    return entries;
  }

  /** Nothing more is waited for. */
  end(): void {
    this.#expected.clear();
    this.result.resolve(toResponse(this.#entries));
  }
}
