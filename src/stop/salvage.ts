import type { JobStatus } from '../backends/backend.js';
import { entriesOf, toResponse, type ResponseEntry } from '../images/response.js';
import type { GenerateImagesResponse } from '../images/types.js';
import { createDeferred } from '../operation/deferred.js';
import type { OperationContext } from '../operation/context.js';
import type { Job } from '../operation/job.js';
import { lookLater } from './later-look.js';

/** What is still made after a stop by requests that nothing can stop: paid for, so not to be thrown away. */
export class Salvage {
  readonly result = createDeferred<GenerateImagesResponse>();
  readonly #expected = new Set<Job>();
  readonly #entries: ResponseEntry[] = [];

  /** Requests are still out. */
  get isOpen(): boolean {
    return this.#expected.size > 0;
  }

  /**
   * The operation has settled: what nothing can stop is left to finish for a while, if that is wanted, and what was
   * cancelled is looked at once more. `hangUp` closes the connections that are left.
   */
  begin(jobs: readonly Job[], context: OperationContext, hangUp: () => void): void {
    const { settings, timers } = context;
    const left = settings.salvage ? jobs.filter(({ end, backend }) => end === undefined && !backend.cancelable) : [];
    for (const job of [...left, ...this.#lookLater(jobs, context)]) this.#expected.add(job);
    if (left.length === 0) {
      hangUp();
    } else {
      const drop = timers.after(settings.salvageTimeoutMs, () => {
        hangUp();
        this.#end();
      });
      void this.result.promise.then(drop);
    }
    if (!this.isOpen) this.#end();
  }

  /** What cancelled jobs have made after all is delivered like what is salvaged. */
  #lookLater(jobs: readonly Job[], context: OperationContext): readonly Job[] {
    const { laterLookMs } = context.settings;
    if (laterLookMs === undefined || !context.stopped.aborted) return [];
    return jobs.filter((job) => {
      const { backend, end } = job;
      if (!backend.cancelable || end?.kind !== 'cancelled') return false;
      void lookLater(job, backend, laterLookMs, context).then((status) => context.salvage(job, status));
      return true;
    });
  }

  /** Takes what one of them has made; `undefined` if it failed. */
  take(job: Job, status: JobStatus | undefined): readonly ResponseEntry[] {
    if (!this.#expected.delete(job)) return [];
    const entries = entriesOf(job.indices, status?.outputs ?? []);
    this.#entries.push(...entries);
    if (!this.isOpen) this.#end();
    return entries;
  }

  #end(): void {
    this.#expected.clear();
    this.result.resolve(toResponse(this.#entries));
  }
}
