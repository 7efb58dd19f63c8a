import type { JobStatus } from '../google/port.js';
import { entriesOf, type ResponseEntry } from './response.js';
import type { OperationContext } from './job/context.js';
import type { Job } from './job/job.js';

/** Requests that nothing can cancel go on after a cancel. Their images are paid for, so the library waits for them a while. */
export class Salvage {
  readonly #expected = new Set<Job>();
  readonly #changed: () => void;
  #dropTimer = (): void => undefined;

  /** `changed` is called when `isOpen` may have changed. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Requests are still out. */
  get isOpen(): boolean {
    return this.#expected.size > 0;
  }

  /** Begins when the operation has settled. `hangUp` closes the connections that are left when the time is over. */
  begin(jobs: readonly Job[], { settings, timers }: OperationContext, hangUp: () => void): void {
    for (const job of jobs) if (job.end === undefined && !job.backend.cancelable) this.#expected.add(job);
    if (!this.isOpen) {
      hangUp();
      return;
    }
    this.#dropTimer = timers.after(settings.limits.salvageMs, () => {
      hangUp();
      this.#expected.clear();
      this.#changed();
    });
  }

  /** Takes the images of one of them; `undefined` if it failed. */
  take(job: Job, status: JobStatus | undefined): readonly ResponseEntry[] {
    if (!this.#expected.delete(job)) return [];
    if (!this.isOpen) this.#dropTimer();
    return entriesOf(job.indices, status?.outputs?.slice(0, job.indices.length) ?? []);
  }
}
