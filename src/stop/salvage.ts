import type { JobStatus } from '../backends/backend.js';
import { entriesOf, type ResponseEntry } from '../images/response.js';
import type { OperationContext } from '../operation/context.js';
import { createDeferred } from '../operation/deferred.js';
import type { Job } from '../operation/job.js';

/** Requests that nothing can cancel go on after a cancel. Their images are paid for, so the library waits for them a while. */
export class Salvage {
  readonly #expected = new Set<Job>();
  readonly #closed = createDeferred<undefined>();
  readonly #changed: () => void;

  /** `changed` is called when `isOpen` may have changed. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Requests are still out. */
  get isOpen(): boolean {
    return this.#expected.size > 0;
  }

  /** Resolves when no request is out any more. */
  get closed(): Promise<undefined> {
    return this.#closed.promise;
  }

  /** Begins when the operation has settled. `hangUp` closes the connections that are left when the time is over. */
  begin(jobs: readonly Job[], { settings, timers }: OperationContext, hangUp: () => void): void {
    for (const job of jobs) if (job.end === undefined && !job.backend.cancelable) this.#expected.add(job);
    const drop = timers.after(settings.limits.salvageMs, () => {
      this.#expected.clear();
      this.#closeIfDone();
    });
    void this.#closed.promise.then(() => {
      drop();
      hangUp();
      this.#changed();
    });
    this.#closeIfDone();
  }

  #closeIfDone(): void {
    if (!this.isOpen) this.#closed.resolve(undefined);
  }

  /** Takes the images of one of them; `undefined` if it failed. */
  take(job: Job, status: JobStatus | undefined): readonly ResponseEntry[] {
    if (!this.#expected.delete(job)) return [];
    this.#closeIfDone();
    return entriesOf(job.indices, status?.outputs ?? []);
  }
}
