import type { JobStatus } from '../google/port.js';
import type { RemoteError } from '../api/errors/remote-error.js';
import type { Fallback, Plan, PlanContext } from './job/plan.js';
import type { Platform, ExitRegistration } from './platform.js';
import type { GenerateImagesResponse } from '../api/images.js';
import type { Settings } from '../api/options.js';
import { totalUsage } from './billing.js';
import type { CancelReport, CancelTrigger, Usage } from '../api/report.js';
import { Salvage } from './salvage.js';
import { listenToSignals } from './abort-signal.js';
import { cancelUnknown } from './job/late-job.js';
import { cancelJob } from './job/cancel-job.js';
import { cancelAfter } from './timeout.js';
import { Publisher } from './publisher.js';
import type { OperationContext } from './job/context.js';
import { Callers } from './callers.js';
import { notFetchedWarningOf, unknownStatusWarningOf } from './warnings.js';
import type { OperationIdentity } from './identity.js';
import { EventChannel } from './event-channel.js';
import type { OperationState } from '../api/events.js';
import { recordCancelled } from '../journal/join.js';
import { ExtraImages } from './extra-images.js';
import { imagesIn } from './response.js';
import { OperationRecorder, type RecordStart } from './recorder.js';
import { JobPool } from './job-pool.js';
import { exitParticipant } from './exit-participant.js';
import type { Job } from './job/job.js';
import type { OperationSnapshot } from '../api/snapshot.js';
import { createReport, errorOf, finalStateOf, responseOf, type CancelRequest } from './outcome.js';
import { takenOverEnd } from './taken-over.js';
import { PreparedCancels } from './prepared-cancels.js';
import { Timers } from '../util/timers.js';

/** How long a stop waits for its journal. */
const LAST_WRITE_MS = 1_000;

/** The life of one operation, from its first request to its settling. The public handle is a view of it. */
export class OperationRun {
  readonly plan: Plan;
  readonly identity: OperationIdentity;
  readonly channel: EventChannel;
  readonly startedAt: number;
  readonly callers = new Callers();
  /** Jobs that one create has started beside the one that is kept. */
  readonly #duplicates = new Set<Job>();
  readonly #salvage = new Salvage(() => this.#afterSettling());
  readonly #extras = new ExtraImages(
    () => this.jobs.reduce((next, { indices }) => Math.max(next, (indices.at(-1) ?? -1) + 1), 0),
    (entries, extras) => this.#publisher.publishExtras(entries, extras),
  );
  readonly #settings: Settings;
  readonly #host: Platform;
  readonly #timers: Timers;
  readonly #stopped = new AbortController();
  readonly #closed = new AbortController();
  readonly #hungUp = new AbortController();
  readonly #refused = new AbortController();
  readonly #context: OperationContext;
  readonly #pool: JobPool;
  readonly #publisher: Publisher;
  readonly #prepared: PreparedCancels;
  readonly #recorder: OperationRecorder | undefined;
  readonly #registration: ExitRegistration;
  readonly #dropTriggers: () => void;
  #stop: CancelRequest | undefined;
  #lateReport: Promise<CancelReport> | undefined;
  #unanswered = 0;
  #dropLastTimer = (): void => undefined;
  #isCancellingLate = false;
  #isDetached = false;
  #waiters = 0;

  constructor(plan: Plan, settings: Settings, host: Platform, identity: OperationIdentity) {
    this.plan = plan;
    this.identity = identity;
    this.#settings = settings;
    this.#host = host;
    this.#timers = new Timers(settings.clock);
    this.startedAt = identity.startedAt ?? this.#timers.now();
    this.channel = new EventChannel(() => this.#updateHold());
    this.#recorder = this.#record(identity.record);
    this.#context = {
      settings,
      track: host.track,
      origin: identity.server.origin,
      pausedUntil: new Map(),
      recorder: this.#recorder,
      startedAt: this.startedAt,
      timers: this.#timers,
      stopped: this.#stopped.signal,
      closed: this.#closed.signal,
      hungUp: this.#hungUp.signal,
      refused: this.#refused.signal,
      rememberRefusal: () => plan.refused?.(this.#timers.now()),
      awaitAnswer: () => this.#awaitAnswer(),
      duplicate: (job) => this.#addDuplicate(job),
      spare: (job, outputs) => this.#extras.spare(job, outputs),
      salvage: (job, status) => this.#take(job, status),
      warn: (code, message, isNews) => this.#publisher.warn(code, message, isNews),
    };
    this.#publisher = new Publisher(this.channel, this.#timers, () => this.jobs);
    this.#pool = new JobPool(plan, this.#context, this.#jobListener, (refusal) => this.#fallBack(refusal));
    this.#prepared = new PreparedCancels(() => this.allJobs);
    this.#registration = host.register(exitParticipant(this, this.#prepared, settings));
    const stop = (trigger: CancelTrigger, reason: unknown): void => void this.stop(trigger, reason);
    const drops = [listenToSignals(settings.cancelSignals, stop), cancelAfter(settings.timeoutMs, this.#timers, stop)];
    this.#dropTriggers = () => drops.forEach((drop) => drop());
  }

  get #planContext(): PlanContext {
    return { warn: this.#context.warn, now: () => this.#timers.now() };
  }

  get jobs(): readonly Job[] {
    return this.#pool.jobs;
  }

  /** Its jobs, with the duplicates whose end is not known. */
  get allJobs(): readonly Job[] {
    return [...this.jobs, ...[...this.#duplicates].filter(({ end }) => end === undefined)];
  }

  get state(): OperationState {
    return this.#publisher.state;
  }

  /** Aborts when it has settled. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  get isSettled(): boolean {
    return this.#closed.signal.aborted;
  }

  get isDetached(): boolean {
    return this.#isDetached;
  }

  /** Tokens that the server has reported so far. */
  get usage(): Usage | undefined {
    return totalUsage(this.jobs);
  }

  /** Sends the creates, all at once, unless it was stopped before or the process is being stopped. */
  async begin(): Promise<void> {
    const admission = this.#host.admission();
    if (admission !== undefined) await admission;
    for (const backend of new Set(this.jobs.map((job) => job.backend))) {
      void this.#prepared.keepReady(backend, this.#context, this.#host);
    }
    this.plan.announce(this.#planContext);
    await this.#pool.run();
  }

  /** Takes up jobs that exist already. */
  resume(): void {
    this.#recorder?.join();
    for (const job of this.jobs) if (job.id !== undefined) this.#jobListener.changed(job);
    void this.begin();
  }

  /** Resolves when its journal knows of the end, if it has one. */
  get recorded(): Promise<undefined> {
    return this.#recorder?.done.promise ?? Promise.resolve(undefined);
  }

  snapshot(): OperationSnapshot {
    const { identity, plan, startedAt } = this;
    return {
      version: 1,
      id: identity.id,
      ...(identity.tag === undefined ? {} : { tag: identity.tag }),
      backend: plan.backend.name,
      model: plan.backend.model,
      server: identity.server,
      startedAt,
      jobs: this.jobs.map((job) => job.reference()),
    };
  }

  #fallBack(refusal: RemoteError): Fallback | undefined {
    this.#refused.abort();
    return this.plan.fallBack?.(refusal, this.#planContext);
  }

  /**
   * Stops it on the server. The cancel calls of all named jobs have been handed to the SDK when this returns. The first
   * trigger wins; later ones get the same report; after the end nothing is sent.
   */
  stop(trigger: CancelTrigger, reason: unknown): Promise<CancelReport> {
    if (this.#stop !== undefined) return this.callers.report.promise;
    const stop = { trigger, reason, requestedAt: this.#timers.now() };
    if (this.isSettled) return this.#cancelAfterEnd(stop);
    this.#stop = stop;
    for (const job of this.jobs) void cancelJob(job, this.#timers, this.#settings.cancelTimeoutMs);
    this.#stopped.abort();
    this.#dropTriggers();
    const dropBudget = this.#timers.after(this.#settings.cancelTimeoutMs, () => this.#settle());
    this.#closed.signal.addEventListener('abort', dropBudget);
    this.#updateHold();
    this.#publisher.setState('cancelling');
    this.channel.emit('cancelling', { at: stop.requestedAt, trigger, reason });
    for (const job of this.jobs) if (job.state === 'waiting') job.finish({ kind: 'not-started' });
    this.#settleIfDone();
    return this.callers.report.promise;
  }

  /**
   * After the end a cancel sends nothing, except for named jobs whose end is unknown. State and result stay. The report is
   * the same for all later calls.
   */
  #cancelAfterEnd(stop: CancelRequest): Promise<CancelReport> {
    this.#lateReport ??= this.#reportAfterEnd(stop);
    return this.#lateReport;
  }

  async #reportAfterEnd(stop: CancelRequest): Promise<CancelReport> {
    this.#isCancellingLate = this.state === 'abandoned';
    this.#updateHold();
    const jobs = this.#isCancellingLate
      ? await Promise.all(this.jobs.map((job) => cancelUnknown(job, this.#context)))
      : this.jobs;
    const report = createReport(jobs, stop, this.#timers.now(), [...this.#duplicates], this.#extras.entries);
    const { journal } = this.#settings;
    if (journal !== undefined) {
      // The record has to be free before the ends can be written into it.
      await this.#timers.within(this.recorded, LAST_WRITE_MS).catch(() => undefined);
      await recordCancelled(journal, report, this.#timers);
    }
    this.#isCancellingLate = false;
    this.#updateHold();
    return report;
  }

  /** From here on, disposing and the process leave it alone. */
  detach(): void {
    this.#isDetached = true;
    this.#registration.release();
    this.#recorder?.detached(this.#timers.now());
  }

  /** Counts someone as waiting until `promise` settles, so that the process stays alive for them. */
  async waiting<T>(promise: Promise<T>): Promise<T> {
    this.#waiters++;
    this.#updateHold();
    try {
      return await promise;
    } finally {
      this.#waiters--;
      this.#updateHold();
    }
  }

  /** An unnamed create always holds the process: nobody could find its job again. */
  #updateHold(): void {
    const isBusy =
      this.#isCancellingLate ||
      (!this.isSettled && (this.#stop !== undefined || this.jobs.some(({ state }) => state === 'submitting')));
    const isAwaited =
      this.isSettled && !this.#salvage.isOpen
        ? this.channel.hasIterators
        : this.#waiters > 0 || this.channel.hasListeners();
    this.#timers.hold(isBusy || isAwaited || this.#recorder?.isBusy === true);
  }

  readonly #jobListener = {
    changed: (job: Job): void => {
      this.#recorder?.changed(job);
      this.#publish(job);
      this.#updateHold();
      this.#settleIfDone();
    },
    unknownStatus: (job: Job): void => this.#publisher.warn('unknown-status', unknownStatusWarningOf(job)),
  };

  #publish(job: Job): void {
    if (this.isSettled) return;
    if (this.#publisher.publishSubmitted()) {
      void this.#submitted();
    }
    this.#publisher.publish(job, this.#stop !== undefined);
    if (job.end === undefined) return;
    this.#extras.add(imagesIn(job.extras));
    this.#extras.use(false);
  }

  /** Done is also a stopped one whose remaining requests nothing can stop: they are not waited for. */
  #settleIfDone(): void {
    const isStopped = this.#stop !== undefined;
    const isOver = ({ end, over, backend }: Job): boolean =>
      end !== undefined || over.aborted || (isStopped && !backend.cancelable);
    if ((isStopped ? this.allJobs : this.jobs).every(isOver)) queueMicrotask(() => this.#settle());
  }

  /** Only a cancel waits for duplicates: its report says what may be running. */
  #addDuplicate(job: Job): () => void {
    this.#duplicates.add(job);
    const answered = this.#awaitAnswer();
    return () => {
      answered();
      this.#settleIfDone();
    };
  }

  #settle(): void {
    if (this.isSettled) return;
    for (const job of this.jobs)
      if (job.needsOutput) this.#publisher.warn('image-not-fetched', notFetchedWarningOf(job));
    this.#closed.abort();
    this.#salvage.begin(this.jobs, this.#context, () => this.#hungUp.abort());
    for (const job of this.jobs) job.close();
    this.#dropTriggers();
    this.#updateHold();
    const at = this.#timers.now();
    this.#extras.use(true);
    const { entries } = this.#extras;
    const report =
      this.#stop === undefined ? undefined : createReport(this.jobs, this.#stop, at, [...this.#duplicates], entries);
    const response = report?.response ?? responseOf(this.jobs, entries);
    const error = errorOf(this.jobs, report, entries);
    const { usage } = this;
    const state = finalStateOf(this.jobs, report, entries);
    this.#publisher.setState(state);
    this.channel.emit('settled', {
      at,
      state,
      ...(response === undefined ? {} : { response }),
      ...(error === undefined ? {} : { error }),
      ...(report === undefined ? {} : { report }),
      ...(usage === undefined ? {} : { usage }),
    });
    if (this.#hasConfirmedCancel()) this.plan.cancelConfirmed?.(at);
    this.#afterSettling();
    if (this.#unanswered > 0) {
      this.#dropLastTimer = this.#timers.after(this.#settings.limits.salvageMs, () => this.channel.close());
    }
    void this.#tellCallers(response, error, report);
  }

  /** Whoever waits for the names may rely on the journal's having them. */
  async #submitted(): Promise<void> {
    const written = this.#recorder?.written();
    if (written !== undefined) await written;
    this.callers.submitted.resolve(undefined);
  }

  #take(job: Job, status: JobStatus | undefined): void {
    if (!this.#salvage.isOpen) return;
    this.#publisher.publishImages(this.#salvage.take(job, status));
    this.#extras.add(imagesIn(status?.outputs?.slice(job.indices.length) ?? []));
    this.#afterSettling();
  }

  /** A create that is answered after the end may still bring a name, whose cancel is told by a warning. */
  #awaitAnswer(): () => void {
    this.#unanswered++;
    return () => {
      this.#unanswered--;
      // A warning about a late name comes before the iterators end.
      if (this.isSettled) void this.#timers.sleep(0).then(() => this.#afterSettling());
    };
  }

  /** Ends the iterators when no event can come any more. */
  #afterSettling(): void {
    if (this.isSettled && !this.#salvage.isOpen && this.#unanswered === 0) {
      this.#dropLastTimer();
      this.channel.close();
    }
    this.#updateHold();
  }

  #hasConfirmedCancel(): boolean {
    return this.#stop !== undefined && this.jobs.some(({ end }) => end?.kind === 'cancelled');
  }

  /** Callers hear last: when the process is about to die of a signal, they do not hear at all. */
  async #tellCallers(
    response: GenerateImagesResponse | undefined,
    error: Error | undefined,
    report: CancelReport | undefined,
  ): Promise<void> {
    // A process that is about to die of a signal has no later moment to write in; nor can it wait for long.
    if (report !== undefined && this.#recorder !== undefined) {
      await this.#timers.within(this.#recorder.settled(), LAST_WRITE_MS).catch(() => undefined);
    }
    const gate = this.#registration.settled(report);
    if (gate !== undefined) await gate;
    this.callers.tell(response, error, report);
    // Not before the callers have what was made: a process that dies in between shall find it again.
    if (report === undefined) this.#recorder?.settledSoon();
  }

  #record(start: RecordStart | undefined): OperationRecorder | undefined {
    const { journal } = this.#settings;
    if (journal === undefined || start === undefined) return undefined;
    return new OperationRecorder(journal, this.#timers, start, {
      jobs: () => this.jobs,
      snapshot: () => this.snapshot(),
      takenOver: () => this.#takenOver(),
      warn: (code, message) => this.#publisher.warn(code, message),
      busyChanged: () => this.#updateHold(),
    });
  }

  /** Somebody else has it now. One that is being stopped is stopped all the same: that was asked for here. */
  #takenOver(): void {
    if (this.#stop !== undefined || this.isSettled) return;
    for (const job of this.jobs) job.finish(takenOverEnd);
  }
}
