import type { JobStatus } from '../google/port.js';
import { Latch } from '../util/latch.js';
import type { Timers } from '../util/timers.js';
import type { Job } from './job/job.js';
import { entriesOf, type ResponseEntry } from './response.js';

/** Answers that may come after an operation has settled: paid images of requests, and names of creates. */
export class LateAnswers {
  /** Aborts when the library no longer waits for an image: the connections that are left are closed. */
  readonly hungUp = new Latch();
  /** Aborts when the operation has settled, and no answer can come any more. */
  readonly over = new Latch();
  readonly #timers: Timers;
  readonly #changed: () => void;
  readonly #requests = new Set<Job>();
  #creates = 0;
  #dropTimer: (() => void) | undefined;

  /** `changed` is called when `over` or `isImageExpected` may have changed. */
  constructor(timers: Timers, changed: () => void) {
    this.#timers = timers;
    this.#changed = changed;
  }

  /** A request that cannot be cancelled may still bring its image. */
  get isImageExpected(): boolean {
    return this.#requests.size > 0;
  }

  begin(jobs: readonly Job[], salvageMs: number): void {
    for (const job of jobs) if (job.end === undefined && !job.backend.cancelable) this.#requests.add(job);
    this.#dropTimer = this.#timers.after(salvageMs, () => {
      this.#requests.clear();
      this.#creates = 0;
      this.update();
    });
    this.update();
  }

  /** Takes the images of a request, or its failure: `undefined`. Call `update()` when they are published. */
  take(job: Job, status: JobStatus | undefined): readonly ResponseEntry[] {
    return this.#requests.delete(job)
      ? entriesOf(job.indices, status?.outputs?.slice(0, job.indices.length) ?? [])
      : [];
  }

  awaitCreate(): () => void {
    this.#creates++;
    return () => {
      this.#creates = Math.max(0, this.#creates - 1);
      // A warning about a late name comes before the iterators end.
      if (this.#dropTimer !== undefined) void this.#timers.sleep(0).then(() => this.update());
    };
  }

  /** Ends what no answer can come for any more. */
  update(): void {
    if (!this.isImageExpected) this.hungUp.abort();
    if (!this.isImageExpected && this.#creates === 0) {
      this.#dropTimer?.();
      this.over.abort();
    }
    this.#changed();
  }
}
