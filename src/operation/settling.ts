import type { Settings } from '../api/options.js';
import type { CancelReport } from '../api/report.js';
import type { ServerReference } from '../api/snapshot.js';
import { recordEnds } from '../journal/join.js';
import { addFrames, callerFrames } from '../util/caller-frames.js';
import { Latch } from '../util/latch.js';
import type { Timers } from '../util/timers.js';
import { totalUsage } from './billing.js';
import { ExtraImages } from './extra-images.js';
import type { EventChannel } from './event-channel.js';
import { LAST_WRITE_MS, type Handover } from './handover.js';
import type { OperationContext } from './job/context.js';
import type { Job } from './job/job.js';
import { cancelUnknown } from './job/late-job.js';
import type { Plan } from './job/plan.js';
import type { LateAnswers } from './late-answers.js';
import { createReport, errorOf, finalStateOf, responseOf, type CancelRequest } from './outcome.js';
import type { Publisher } from './publisher.js';
import type { OperationRecorder } from './recorder.js';
import { notFetchedWarningOf } from './warnings.js';

interface SettlingParts {
  readonly plan: Plan;
  readonly settings: Settings;
  readonly server: ServerReference;
  readonly timers: Timers;
  readonly jobs: () => readonly Job[];
  readonly channel: EventChannel;
  readonly publisher: Publisher;
  readonly recorder: OperationRecorder | undefined;
  readonly handover: Handover;
  readonly late: LateAnswers;
  /** Called when it has settled, before anybody is told, and when it is busy or idle again after that. */
  readonly changed: () => void;
}

/** The end of one operation: when it has come, what it is, and what is still learnt afterwards. */
export class Settling {
  readonly closed = new Latch();
  /** Is set when the library no longer waits for requests that cannot be cancelled. */
  readonly hungUp = new Latch();
  readonly #parts: SettlingParts;
  readonly #frames = callerFrames();
  readonly extras: ExtraImages;
  /** Jobs that one create has started beside the one that is kept. */
  readonly #duplicates = new Set<Job>();
  #request: CancelRequest | undefined;
  #budgetEndsAt = 0;
  #report: CancelReport | undefined;
  #lateReport: Promise<CancelReport> | undefined;
  #isReportingLate = false;

  constructor(parts: SettlingParts) {
    this.#parts = parts;
    const { jobs, publisher } = parts;
    this.extras = new ExtraImages(
      () => jobs().reduce((next, { indices }) => Math.max(next, (indices.at(-1) ?? -1) + 1), 0),
      (maker, entries, extras) => publisher.publishExtras(maker, entries, extras),
    );
  }

  get isSettled(): boolean {
    return this.closed.aborted;
  }

  /** The first trigger, if there was one before the end. */
  get request(): CancelRequest | undefined {
    return this.#request;
  }

  /** When the budget is over that the first trigger began, or else a press now, in the time of `Timers.elapsed()`. */
  get budgetEndsAt(): number {
    const { timers, settings } = this.#parts;
    return this.#request === undefined ? timers.elapsed() + settings.cancelTimeoutMs : this.#budgetEndsAt;
  }

  get report(): CancelReport | undefined {
    return this.#report;
  }

  /** Whether a caller waits for a report that was asked for after the end. */
  get isReportingLate(): boolean {
    return this.#isReportingLate;
  }

  /** Its jobs, with the duplicates whose end is not known. */
  get allJobs(): readonly Job[] {
    return [...this.#parts.jobs(), ...[...this.#duplicates].filter(({ end }) => end === undefined)];
  }

  /** Takes the first trigger. The operation settles at the latest when its budget is over. */
  begin(request: CancelRequest): void {
    this.#request = request;
    this.#budgetEndsAt = this.#parts.timers.elapsed() + this.#parts.settings.cancelTimeoutMs;
    const dropBudget = this.#parts.timers.after(this.#parts.settings.cancelTimeoutMs, () => this.#settle());
    this.closed.addEventListener('abort', dropBudget);
  }

  /** A cancelled operation does not wait for requests that nothing can cancel. */
  settleIfDone(): void {
    const isCancelled = this.#request !== undefined;
    const isOver = ({ end, over, backend }: Job): boolean =>
      end !== undefined || over.aborted || (isCancelled && !backend.cancelable);
    if ((isCancelled ? this.allJobs : this.#parts.jobs()).every(isOver)) queueMicrotask(() => this.#settle());
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

  #settle(): void {
    if (this.isSettled) return;
    const { timers, channel, late, settings, publisher } = this.#parts;
    const jobs = this.#parts.jobs();
    for (const job of jobs) if (job.needsOutput) publisher.warn('image-not-fetched', notFetchedWarningOf(job));
    this.closed.abort();
    for (const job of jobs) this.#leave(job);
    this.#parts.changed();
    const at = timers.now();
    const request = this.#request;
    this.extras.use(true);
    const { entries } = this.extras;
    const report = request === undefined ? undefined : createReport(jobs, request, at, [...this.#duplicates], entries);
    this.#report = report;
    const response = report?.response ?? responseOf(jobs, entries);
    const failure = errorOf(jobs, report, entries);
    const error = failure && addFrames(failure, this.#frames);
    const usage = totalUsage(jobs);
    const state = finalStateOf(jobs, report, entries);
    publisher.setState(state);
    channel.emit('settled', {
      at,
      state,
      ...(response === undefined ? {} : { response }),
      ...(error === undefined ? {} : { error }),
      ...(report === undefined ? {} : { report }),
      ...(usage === undefined ? {} : { usage }),
    });
    late.begin(jobs, settings.limits.salvageMs, () => this.hungUp.abort());
    void this.#parts.handover.tell({ response, error, report }, this.#budgetEndsAt);
  }

  /** After a report without confirmation the watch goes on, to learn how the job ends and to update the journal. */
  #leave(job: Job): void {
    const isUnconfirmed = this.#request !== undefined && job.end === undefined && job.name !== undefined;
    if (isUnconfirmed && !job.needsOutput) job.cancelOver.abort();
    else job.close();
  }

  /** Learns from a job that has changed: an accepted create, or an acknowledged cancel, proves nothing. */
  learnFrom(job: Job): void {
    const { plan, timers } = this.#parts;
    const { end, isCancelRefused } = job;
    if (end === undefined) return;
    if (this.#request !== undefined && end.kind === 'cancelled') plan.observe?.('cancel-confirmed', timers.now());
    else if (isCancelRefused && end.kind !== 'unknown') plan.observe?.('cancel-refused', timers.now());
    // The image of a request that cannot be cancelled has been handed over by then.
    if (this.isSettled && job.backend.cancelable) void this.#endedLate(job);
  }

  /**
   * Takes the end of a job that the report had called unconfirmed. Without an `onImage` its images stay to be fetched. Those
   * of requests that cannot be cancelled were published already.
   */
  async #endedLate(job: Job): Promise<void> {
    const { recorder, handover, settings, server, timers } = this.#parts;
    const { end, backend } = job;
    if (end === undefined || end.kind === 'unknown' || !backend.cancelable) return;
    if (end.kind === 'completed' && !(await handover.giveLate(job, end.outputs))) return;
    recorder?.claimsChanged();
    if (settings.journal !== undefined) await recordEnds(settings.journal, server, { jobs: [job.report()] }, timers);
  }

  /**
   * After the end a cancel sends nothing, except for named jobs whose end is unknown. State and result stay. The report is
   * the same for all later calls.
   */
  cancelAfterEnd(request: CancelRequest, isAbandoned: boolean, context: OperationContext): Promise<CancelReport> {
    this.#lateReport ??= this.#reportAfterEnd(request, isAbandoned, context);
    return this.#lateReport;
  }

  async #reportAfterEnd(
    request: CancelRequest,
    isAbandoned: boolean,
    context: OperationContext,
  ): Promise<CancelReport> {
    const { timers, settings, server, recorder } = this.#parts;
    this.#isReportingLate = true;
    this.#parts.changed();
    const all = this.#parts.jobs();
    const jobs = isAbandoned ? await Promise.all(all.map((job) => cancelUnknown(job, context))) : all;
    const report = createReport(jobs, request, timers.now(), [...this.#duplicates], this.extras.entries);
    const { journal } = settings;
    const isNews = isAbandoned && report.jobs.some(({ confirmedAt }) => confirmedAt !== undefined);
    if (journal !== undefined && isNews) {
      // The record has to be free before the ends can be written into it.
      const recorded = recorder?.done.promise ?? Promise.resolve();
      const recording = recorded.then(() => recordEnds(journal, server, report, timers));
      await timers.within(recording, 2 * LAST_WRITE_MS).catch(() => undefined);
    }
    this.#isReportingLate = false;
    this.#parts.changed();
    return report;
  }
}
