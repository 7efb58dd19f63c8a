import type { CancelReport } from '../api/report.js';
import { recordEnds } from '../journal/join.js';
import { addFrames, noteCaller } from '../util/caller-frames.js';
import type { Latch } from '../util/latch.js';
import { ExtraImages } from './extra-images.js';
import { LAST_WRITE_MS, type Handover } from './handover.js';
import type { Job } from './job/job.js';
import type { JobEnd } from './job/job-end.js';
import { cancelUnknown } from './job/late-job.js';
import type { OperationParts } from './parts.js';
import type { Publisher } from './publisher.js';
import { reportOf, settlementOf, type CancelRequest, type SettlingFacts } from './settlement.js';
import { notFetchedWarningOf } from './warnings.js';

/** The end of one operation: carries out what `settlementOf()` decides, and learns what comes afterwards. */
export class Settling {
  readonly closed: Latch;
  readonly extras: ExtraImages;
  /** The first trigger, if there was one before the end. */
  request: CancelRequest | undefined;
  /** A caller waits for a report that was asked for after the end. */
  isReportingLate = false;
  readonly #parts: OperationParts;
  readonly #publisher: Publisher;
  readonly #handover: Handover;
  readonly #caller = noteCaller();
  readonly #duplicates = new Set<Job>();
  #budgetEndsAt = 0;
  #lateReport: Promise<CancelReport> | undefined;

  constructor(parts: OperationParts, publisher: Publisher, handover: Handover) {
    this.#parts = parts;
    this.#publisher = publisher;
    this.#handover = handover;
    this.closed = parts.closed;
    this.extras = new ExtraImages(parts.jobs, publisher);
  }

  get isSettled(): boolean {
    return this.closed.aborted;
  }

  /** When the budget is over that the first trigger began, or else a press now, in the time of `Timers.elapsed()`. */
  get budgetEndsAt(): number {
    const { timers, settings } = this.#parts;
    return this.request === undefined ? timers.elapsed() + settings.cancelTimeoutMs : this.#budgetEndsAt;
  }

  get allJobs(): readonly Job[] {
    return [...this.#parts.jobs(), ...[...this.#duplicates].filter(({ end }) => end === undefined)];
  }

  /** Takes the first trigger. The operation settles at the latest when its budget is over. */
  begin(request: CancelRequest): void {
    const { timers, settings } = this.#parts;
    this.request = request;
    this.#budgetEndsAt = timers.elapsed() + settings.cancelTimeoutMs;
    this.closed.on(timers.after(settings.cancelTimeoutMs, () => this.#settle(true)));
  }

  /** Settles once the code of this turn has run, if there is nothing to wait for then. */
  settleIfDone(): void {
    queueMicrotask(() => this.#settle(false));
  }

  /** Only a cancel waits for duplicates: its report says what may be running. Call the returned function at its end. */
  addDuplicate(job: Job): () => void {
    this.#duplicates.add(job);
    const answered = this.#parts.late.awaitCreate();
    return () => {
      answered();
      this.settleIfDone();
    };
  }

  #facts(isBudgetOver: boolean): SettlingFacts {
    return {
      jobs: this.#parts.jobs(),
      duplicates: [...this.#duplicates],
      extras: this.extras.entries,
      request: this.request,
      isBudgetOver,
      at: this.#parts.timers.now(),
    };
  }

  #settle(isBudgetOver: boolean): void {
    if (this.isSettled) return;
    // Duplicates fill the places of jobs whose end does not come in time.
    if (isBudgetOver) this.extras.use(true);
    const facts = this.#facts(isBudgetOver);
    const settlement = settlementOf(facts);
    if (settlement === undefined) return;
    const { changed, channel, late, settings } = this.#parts;
    this.closed.abort();
    for (const job of facts.jobs) this.#leave(job);
    changed();
    if (settlement.error !== undefined) addFrames(settlement.error, this.#caller);
    this.#publisher.setState(settlement.state);
    channel.emit('settled', settlement);
    late.begin(facts.jobs, settings.limits.salvageMs);
    void this.#handover.tell(settlement, this.#budgetEndsAt);
  }

  /** After a report without confirmation the watch goes on, to learn how the job ends and to update the journal. */
  #leave(job: Job): void {
    if (job.needsOutput) this.#publisher.warn('image-not-fetched', notFetchedWarningOf(job));
    const isUnconfirmed = this.request !== undefined && job.end === undefined && job.name !== undefined;
    if (isUnconfirmed && !job.needsOutput) job.cancelOver.abort();
    else job.close();
  }

  /** Learns from a job that has changed: an accepted create, or an acknowledged cancel, proves nothing. */
  learnFrom(job: Job): void {
    const { plan, timers } = this.#parts;
    const { end, isCancelRefused } = job;
    if (end === undefined) return;
    if (this.request !== undefined && end.kind === 'cancelled') plan.observe?.('cancel-confirmed', timers.now());
    else if (isCancelRefused && end.kind !== 'unknown') plan.observe?.('cancel-refused', timers.now());
    // The image of a request that cannot be cancelled has been handed over by then.
    if (this.isSettled && job.backend.cancelable && end.kind !== 'unknown') void this.#endedLate(job, end);
  }

  /** Takes the end of an unconfirmed job. Without an `onImage` its images stay to be fetched. */
  async #endedLate(job: Job, end: JobEnd): Promise<void> {
    const { recorder, settings, identity, timers } = this.#parts;
    if (end.kind === 'completed' && !(await this.#handover.giveLate(job, end.outputs))) return;
    recorder?.claimsChanged();
    await recordEnds(settings.journal, identity.server, { jobs: [job.report()] }, timers);
  }

  /** After the end a cancel reaches only named jobs whose end is unknown. Each call gets the same report. */
  cancelAfterEnd(request: CancelRequest): Promise<CancelReport> {
    this.#lateReport ??= this.#reportAfterEnd(request);
    return this.#lateReport;
  }

  async #reportAfterEnd(request: CancelRequest): Promise<CancelReport> {
    const { timers, settings, identity, recorder, changed } = this.#parts;
    this.isReportingLate = true;
    changed();
    const all = this.#parts.jobs();
    const isAbandoned = this.#publisher.state === 'abandoned';
    const jobs = isAbandoned ? await Promise.all(all.map((job) => cancelUnknown(job, this.#parts))) : all;
    const report = reportOf({ ...this.#facts(true), jobs }, request);
    const isNews = isAbandoned && report.jobs.some(({ confirmedAt }) => confirmedAt !== undefined);
    if (isNews) {
      // The record has to be free before the ends can be written into it.
      const recorded = recorder?.done.promise ?? Promise.resolve();
      const recording = recorded.then(() => recordEnds(settings.journal, identity.server, report, timers));
      await timers.within(recording, 2 * LAST_WRITE_MS).catch(() => undefined);
    }
    this.isReportingLate = false;
    changed();
    return report;
  }
}
