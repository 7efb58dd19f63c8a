import type { Operation } from '../api/handle.js';
import type { GenerateImagesResponse } from '../api/images.js';
import type { CancelReport } from '../api/report.js';
import { createDeferred } from '../util/deferred.js';
import { Latch } from '../util/latch.js';
import type { JobOutput } from '../google/port.js';
import { entriesOf } from './response.js';
import { Deliveries, type Delivery } from './deliveries.js';
import type { Job } from './job/job.js';
import type { OperationParts } from './parts.js';
import type { ExitRegistration } from './platform.js';
import type { Settlement } from './settlement.js';

/** How long an end waits for its journal: a dying process cannot wait for long. */
export const LAST_WRITE_MS = 1_000;

/** Hands over all that an operation has come to: its images to `onImage`, its end to the journal and then to its callers. */
export class Handover {
  readonly result = createDeferred<GenerateImagesResponse>();
  readonly submitted = createDeferred<undefined>();
  readonly report = createDeferred<CancelReport>();
  readonly deliveries: Deliveries;
  /** Aborts when the process is to die of a signal. From then on only `onImage` counts as a receiver of images. */
  readonly dying = new Latch();
  /** Aborts when the process leaves the operation alone. From then on a dying process does not wait for `onImage`. */
  readonly detached = new Latch();
  readonly #parts: OperationParts;
  readonly #registration: () => ExitRegistration;
  /** Jobs that ended after the report: no promise of this process can bring their images. */
  readonly #lateJobs = new Set<Job>();
  #patienceEndsAt = 0;
  #endWritten: Promise<unknown> = Promise.resolve();

  constructor(parts: OperationParts, operation: () => Operation, registration: () => ExitRegistration) {
    this.#parts = parts;
    this.#registration = registration;
    this.deliveries = new Deliveries(parts, operation);
  }

  /** Finished images may still be handed over: a dying process waits for `onImage` only. */
  get isClaimAwaited(): boolean {
    if (this.deliveries.isPending || this.dying.aborted) return this.deliveries.isPending;
    // No record helps with an image of a request without a name.
    return this.unclaimed().some(({ job }) => job.name !== undefined && !this.#lateJobs.has(job));
  }

  unclaimed(isExiting = false): readonly Delivery[] {
    return this.deliveries.unclaimed(this.dying.aborted ? 'signal' : isExiting ? 'exit' : undefined);
  }

  /** Gives `onImage` the images of a job that ended after the report. Resolves to whether it took all. */
  async giveLate(job: Job, outputs: readonly JobOutput[]): Promise<boolean> {
    this.#lateJobs.add(job);
    for (const { index, entry } of entriesOf(job.indices, outputs)) {
      if (entry.image !== undefined) this.deliveries.add(job, index, entry.image);
    }
    await this.deliveries.settled();
    // Images that lie elsewhere were not fetched, so nobody has them.
    if (outputs.some((output) => 'elsewhere' in output)) return false;
    return !this.unclaimed().some((delivery) => delivery.job === job);
  }

  /** Publishes the names, in the journal first: a caller who waits for them may rely on it. */
  async tellNames(): Promise<void> {
    const written = this.#parts.recorder?.queue.ended();
    if (written !== undefined) await written;
    this.submitted.resolve(undefined);
  }

  /** Tells the callers last. While the process is about to die of a signal, they are not told at all. */
  async tell(settlement: Settlement, budgetEndsAt: number): Promise<void> {
    const { recorder, late } = this.#parts;
    const { report } = settlement;
    if (report !== undefined) this.#endWritten = this.#writeEnd();
    await this.#endWritten;
    if (report === undefined) await this.deliveries.settled();
    else await this.#until(budgetEndsAt, this.deliveries.settled());
    const gate = this.#registration().gate();
    if (gate !== undefined) await gate;
    this.#tellCallers(settlement);
    // The callers have the images first: a process that dies in between shall find them again.
    recorder?.settledSoon();
    await late.hungUp.reached();
    // A signal that comes while `onImage` is at work must not kill the process before that is done, or said.
    await this.deliveries.settled();
    this.#registration().release();
  }

  #tellCallers({ response, error, report }: Settlement): void {
    if (report !== undefined) this.report.resolve(report);
    if (error !== undefined) {
      this.submitted.reject(error);
      this.result.reject(error);
    } else if (response !== undefined) {
      // A job without a name by now was refused, or makes its image within one request.
      this.submitted.resolve(undefined);
      this.result.resolve(response);
    }
  }

  /** Waits, before the process dies, for paid images that `onImage` or a request in flight still has. */
  async drain(pressedAt: number, budgetEndsAt: number): Promise<void> {
    const { settings, late } = this.#parts;
    const shutdownEnd = pressedAt + settings.limits.shutdownMs;
    this.#patienceEndsAt = Math.max(budgetEndsAt, shutdownEnd);
    await this.#endWritten;
    if (settings.onImage !== undefined) await this.#until(shutdownEnd, late.hungUp.reached());
    await this.#until(this.#patienceEndsAt, this.deliveries.settled());
    await this.#writeEnd();
  }

  /** A promise while `onImage` is at work and a dying process may wait for it. */
  handingOver(): Promise<void> | undefined {
    if (!this.deliveries.isPending || this.detached.aborted) return undefined;
    if (this.#parts.timers.elapsed() >= this.#patienceEndsAt) return undefined;
    const done = Promise.race([this.deliveries.settled(), this.detached.reached()]);
    return this.#until(this.#patienceEndsAt, done).then(() => this.#writeEnd());
  }

  async #writeEnd(): Promise<void> {
    const { recorder, timers } = this.#parts;
    if (recorder !== undefined) await this.#until(timers.elapsed() + LAST_WRITE_MS, recorder.settled());
  }

  async #until(endsAt: number, promise: Promise<unknown>): Promise<void> {
    const { timers } = this.#parts;
    await timers.within(promise, Math.max(0, endsAt - timers.elapsed())).catch(() => undefined);
  }
}
