import type { Backend, JobStatus } from '../backends/backend.js';
import type { Plan, PlanContext } from './plan.js';
import type { Host, HostRegistration } from '../host.js';
import type { GenerateImagesResponse } from '../images/types.js';
import type { Settings } from '../options.js';
import { totalUsage } from '../stop/billing.js';
import type { CancelReport, CancelTrigger, ProcessSignal, Usage } from '../stop/report.js';
import { Salvage } from '../stop/salvage.js';
import { listenToSignals } from '../stop/signal.js';
import { cancelUnwatched } from '../stop/late-job.js';
import { stopJob } from '../stop/stop-job.js';
import { stopAfter } from '../stop/timeout.js';
import { Announcer } from './announcer.js';
import type { OperationContext } from './context.js';
import { Callers } from './callers.js';
import { Deliveries, type Delivery } from './deliveries.js';
import { notFetchedNoteOf, notHandedOverNoteOf, unknownStatusNoteOf } from './end-notes.js';
import type { Operation } from './handle.js';
import type { OperationIdentity } from './identity.js';
import { EventChannel } from './event-channel.js';
import type { OperationState } from './events.js';
import { recordCancelled } from '../journal/join.js';
import { OperationRecorder, type RecordStart } from '../journal/recorder.js';
import { JobFleet } from './fleet.js';
import { hostedOperation } from './hosted.js';
import type { Job } from './job.js';
import type { OperationSnapshot } from './snapshot.js';
import { createReport, errorOf, finalStateOf, responseOf, type StopRequest } from './outcome.js';
import { takenOverEnd } from './taken-over.js';
import { PreparedCancels } from './prepared-cancels.js';
import { Timers } from './timers.js';

/** How long a stop waits for its journal. */
const LAST_WRITE_MS = 1_000;

/** The life of one operation, from its first request to its settling. The public handle is a view of it. */
export class OperationRun {
  readonly plan: Plan;
  readonly identity: OperationIdentity;
  readonly channel: EventChannel;
  readonly startedAt: number;
  readonly callers = new Callers();
  readonly #salvage = new Salvage(() => this.#afterSettling());
  readonly #settings: Settings;
  readonly #host: Host;
  readonly #timers: Timers;
  readonly #stopped = new AbortController();
  readonly #closed = new AbortController();
  readonly #hangUps = new Set<() => void>();
  readonly #deliveries: Deliveries;
  readonly #context: OperationContext;
  readonly #fleet: JobFleet;
  readonly #announcer: Announcer;
  readonly #prepared: PreparedCancels;
  readonly #recorder: OperationRecorder | undefined;
  readonly #registration: HostRegistration;
  readonly #dropTriggers: () => void;
  #stop: StopRequest | undefined;
  #lateReport: Promise<CancelReport> | undefined;
  #unanswered = 0;
  #isCancellingLate = false;
  #isDetached = false;
  #isDying = false;
  #report: CancelReport | undefined;
  #endWritten: Promise<unknown> = Promise.resolve();
  #waiters = 0;

  /** `handle` returns the public handle, for `onImage`. */
  constructor(plan: Plan, settings: Settings, host: Host, identity: OperationIdentity, handle: () => Operation) {
    this.plan = plan;
    this.identity = identity;
    this.#settings = settings;
    this.#host = host;
    this.#timers = new Timers(settings.clock);
    this.startedAt = identity.startedAt ?? this.#timers.now();
    this.channel = new EventChannel(
      () => this.#updateHold(),
      (image) => this.#deliveries.markDelivered([image]),
    );
    this.#deliveries = this.#createDeliveries(settings.onImage, handle);
    this.#recorder = this.#record(identity.record);
    this.#context = {
      settings,
      track: host.track,
      recorder: this.#recorder,
      startedAt: this.startedAt,
      timers: this.#timers,
      stopped: this.#stopped.signal,
      closed: this.#closed.signal,
      onHangUp: (hangUp) => {
        this.#hangUps.add(hangUp);
        return () => this.#hangUps.delete(hangUp);
      },
      canFallBack: () => this.#stop === undefined && plan.fallBack !== undefined,
      awaitAnswer: () => this.#awaitAnswer(),
      salvage: (job, status) => this.#take(job, status),
      warn: (code, message, isNews) => this.#announcer.warn(code, message, isNews),
    };
    this.#announcer = new Announcer(this.channel, this.#timers, () => this.jobs, this.#deliveries);
    this.#fleet = new JobFleet(plan, this.#context, this.#jobListener, () => this.#fallBack());
    this.#prepared = new PreparedCancels(() => this.jobs);
    this.#registration = host.register(hostedOperation(this, this.#prepared, settings));
    const stop = (trigger: CancelTrigger, reason: unknown): void => void this.stop(trigger, reason);
    const drops = [listenToSignals(settings.cancelSignals, stop), stopAfter(settings.timeoutMs, this.#timers, stop)];
    this.#dropTriggers = () => drops.forEach((drop) => drop());
  }

  get #planContext(): PlanContext {
    return { warn: this.#context.warn, now: () => this.#timers.now() };
  }

  get jobs(): readonly Job[] {
    return this.#fleet.jobs;
  }

  get state(): OperationState {
    return this.#announcer.state;
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
    await this.#fleet.run();
  }

  /** Takes up jobs that exist already. */
  resume(): void {
    this.#recorder?.join();
    for (const job of this.jobs) if (job.id !== undefined) this.#jobListener.changed(job);
    void this.begin();
  }

  /** The report, once it has settled after a trigger. */
  get report(): CancelReport | undefined {
    return this.#report;
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

  #fallBack(): Backend {
    const backend = this.plan.fallBack?.(this.#planContext);
    if (backend === undefined) throw new TypeError('There is nothing to fall back to.');
    void this.#prepared.keepReady(backend, this.#context, this.#host);
    return backend;
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
    for (const job of this.jobs) void stopJob(job, this.#timers);
    this.#stopped.abort();
    for (const job of this.jobs) job.wake();
    this.#dropTriggers();
    const dropBudget = this.#timers.after(this.#settings.cancelTimeoutMs, () => this.#settle());
    this.#closed.signal.addEventListener('abort', dropBudget);
    this.#updateHold();
    this.#announcer.setState('cancelling');
    this.channel.emit('cancelling', { at: stop.requestedAt, trigger, reason });
    for (const job of this.jobs) if (job.state === 'waiting') job.finish({ kind: 'not-started' });
    this.#settleIfDone();
    return this.callers.report.promise;
  }

  /**
   * After the end a cancel sends nothing, except for named jobs whose end is unknown. State and result stay. The report is
   * the same for all later calls.
   */
  #cancelAfterEnd(stop: StopRequest): Promise<CancelReport> {
    this.#lateReport ??= this.#reportAfterEnd(stop);
    return this.#lateReport;
  }

  async #reportAfterEnd(stop: StopRequest): Promise<CancelReport> {
    this.#isCancellingLate = this.state === 'abandoned';
    this.#updateHold();
    const jobs = this.#isCancellingLate
      ? await Promise.all(this.jobs.map((job) => cancelUnknown(job, this.#context)))
      : this.jobs;
    const report = createReport(jobs, stop, this.#timers.now());
    const { journal } = this.#settings;
    if (journal !== undefined) await recordCancelled(journal, report, this.#timers);
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
    this.#timers.hold(isBusy || isAwaited || this.#isDying || this.#recorder?.isBusy === true);
  }

  readonly #jobListener = {
    changed: (job: Job): void => {
      this.#recorder?.changed(job);
      this.#learnFrom(job);
      if (this.isSettled) this.#endedLate(job);
      this.#announce(job);
      this.#updateHold();
      this.#settleIfDone();
    },
    unknownStatus: (job: Job): void => this.#announcer.warn('unknown-status', unknownStatusNoteOf(job)),
  };

  #announce(job: Job): void {
    if (this.isSettled) return;
    if (this.#announcer.announceSubmitted()) {
      void this.#submitted();
    }
    this.#announcer.announce(job, this.#stop !== undefined);
  }

  /** Done is also a stopped one whose remaining requests nothing can stop: they are not waited for. */
  #settleIfDone(): void {
    const isOver = ({ end, backend }: Job): boolean =>
      end !== undefined || (this.#stop !== undefined && !backend.cancelable);
    if (this.jobs.every(isOver)) queueMicrotask(() => this.#settle());
  }

  #settle(): void {
    if (this.isSettled) return;
    for (const job of this.jobs) if (job.needsOutput) this.#announcer.warn('image-not-fetched', notFetchedNoteOf(job));
    this.#closed.abort();
    this.#salvage.begin(this.jobs, this.#context, () => this.#hangUps.forEach((hangUp) => hangUp()));
    for (const job of this.jobs) this.#leave(job);
    this.#dropTriggers();
    this.#updateHold();
    const at = this.#timers.now();
    const report = this.#stop === undefined ? undefined : createReport(this.jobs, this.#stop, at);
    this.#report = report;
    const response = report?.response ?? responseOf(this.jobs);
    const error = errorOf(this.jobs, report);
    const { usage } = this;
    const state = finalStateOf(this.jobs, report);
    this.#announcer.setState(state);
    this.channel.emit('settled', {
      at,
      state,
      ...(response === undefined ? {} : { response }),
      ...(error === undefined ? {} : { error }),
      ...(report === undefined ? {} : { report }),
      ...(usage === undefined ? {} : { usage }),
    });
    this.#afterSettling();
    if (this.#unanswered > 0) this.#timers.after(this.#settings.limits.salvageMs, () => this.channel.close());
    void this.#tellCallers(response, error, report);
  }

  /** Whoever waits for the names may rely on the journal's having them. */
  async #submitted(): Promise<void> {
    const written = this.#recorder?.written();
    if (written !== undefined) await written;
    this.callers.submitted.resolve(undefined);
  }

  #take(job: Job, status: JobStatus | undefined): void {
    this.#announcer.announceImages(job, this.#salvage.take(job, status));
    this.#afterSettling();
  }

  #createDeliveries(onImage: Settings['onImage'], handle: () => Operation): Deliveries {
    return new Deliveries(
      onImage && ((image, index) => onImage(image, index, handle())),
      (delivery, error) =>
        this.#announcer.warn('image-not-handed-over', notHandedOverNoteOf(delivery, error, this.identity.server)),
      () => this.#deliveriesChanged(),
    );
  }

  #deliveriesChanged(): void {
    this.#updateHold();
    if (this.isSettled) this.#recorder?.claimsChanged();
  }

  /** Finished images that nobody has. While the process dies, only `onImage` counts. */
  unclaimed(): readonly Delivery[] {
    return this.#deliveries.unclaimed(this.#isDying);
  }

  /** Marks the images of a response or report that a caller has got. */
  markDelivered(response: GenerateImagesResponse | undefined): void {
    this.#deliveries.markDelivered((response?.generatedImages ?? []).flatMap(({ image }) => image ?? []));
  }

  /** A create that is answered after the end may still bring a name. */
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
    if (this.isSettled && !this.#salvage.isOpen && this.#unanswered === 0) this.channel.close();
    this.#updateHold();
  }

  /** After a report without confirmation the watch goes on, to learn how the job ends and to update the journal. */
  #leave(job: Job): void {
    const isUnconfirmed = this.#stop !== undefined && job.end === undefined && job.name !== undefined;
    if (isUnconfirmed && !job.needsOutput) job.leaveToWatch();
    else job.close();
  }

  /** Learns about the model from the end of a job. An accepted create, or an acknowledged cancel, proves nothing. */
  #learnFrom({ end, isCancelRefused }: Job): void {
    if (end === undefined || this.#stop === undefined) return;
    const at = this.#timers.now();
    if (end.kind === 'cancelled') this.plan.cancelConfirmed?.(at);
    else if (isCancelRefused && end.kind !== 'unknown') this.plan.cancelRefused?.(at);
  }

  /** The end of a job that the report had called unconfirmed. */
  #endedLate(job: Job): void {
    const { end } = job;
    if (end === undefined || end.kind === 'unknown') return;
    // The images of a completed one are still to be fetched: its record stays.
    if (end.kind !== 'completed') this.#recorder?.lateEnd(job);
    this.#recorder?.claimsChanged();
  }

  /** Tells the callers last. While the process is about to die of a signal, they are not told at all. */
  async #tellCallers(
    response: GenerateImagesResponse | undefined,
    error: Error | undefined,
    report: CancelReport | undefined,
  ): Promise<void> {
    this.#endWritten = report === undefined ? Promise.resolve() : this.#writeEnd();
    await this.#endWritten;
    const receiving = this.#deliveries.settled();
    await (this.#stop === undefined ? receiving : this.#withinBudget(receiving, this.#stop));
    const gate = this.#registration.gate();
    if (gate !== undefined) await gate;
    this.callers.tell(response, error, report);
    // The callers have the images first: a process that dies in between shall find them again.
    this.#recorder?.settledSoon();
    await this.#salvage.closed;
    this.#registration.release();
  }

  /** A process that is about to die of a signal has no later moment to write in; nor can it wait for long. */
  async #writeEnd(): Promise<void> {
    if (this.#recorder === undefined) return;
    await this.#timers.within(this.#recorder.settled(), LAST_WRITE_MS).catch(() => undefined);
  }

  async #withinBudget(promise: Promise<void>, { requestedAt }: StopRequest): Promise<void> {
    const leftMs = requestedAt + this.#settings.cancelTimeoutMs - this.#timers.now();
    await this.#timers.within(promise, Math.max(0, leftMs)).catch(() => undefined);
  }

  /**
   * Cancels it for a process signal. If the process is going to die, it then waits for images that are paid for: those that
   * `onImage` has not taken yet, and those of requests that cannot be cancelled.
   */
  async shutDown(trigger: ProcessSignal, isFatal: boolean): Promise<void> {
    const pressedAt = this.#timers.now();
    this.#isDying ||= isFatal;
    void this.stop(trigger, new DOMException(`Cancelled by ${trigger}.`, 'AbortError'));
    this.#updateHold();
    await this.#untilClosed();
    await this.#endWritten;
    if (isFatal) await this.#drain(pressedAt);
  }

  async #drain(pressedAt: number): Promise<void> {
    const { cancelTimeoutMs, limits } = this.#settings;
    const wait = async (promise: Promise<unknown>, untilMs: number): Promise<void> => {
      await this.#timers.within(promise, Math.max(0, untilMs - this.#timers.now())).catch(() => undefined);
    };
    const shutdownEnd = pressedAt + limits.shutdownMs;
    if (this.#deliveries.hasReceiver) await wait(this.#salvage.closed, shutdownEnd);
    const budgetEnd = (this.#stop?.requestedAt ?? pressedAt) + cancelTimeoutMs;
    await wait(this.#deliveries.settled(), Math.max(budgetEnd, shutdownEnd));
    await this.#writeEnd();
  }

  #untilClosed(): Promise<void> {
    if (this.isSettled) return Promise.resolve();
    return new Promise((resolve) => this.closed.addEventListener('abort', () => resolve(), { once: true }));
  }

  #record(start: RecordStart | undefined): OperationRecorder | undefined {
    const { journal } = this.#settings;
    if (journal === undefined || start === undefined) return undefined;
    return new OperationRecorder(journal, this.#timers, start, {
      jobs: () => this.jobs,
      snapshot: () => this.snapshot(),
      unclaimed: () => this.unclaimed(),
      isStillNeeded: () => !this.#isDying && (this.unclaimed().length > 0 || this.jobs.some(isWatched)),
      takenOver: () => this.#takenOver(),
      warn: (code, message) => this.#announcer.warn(code, message),
      busyChanged: () => this.#updateHold(),
    });
  }

  /** Somebody else has it now. One that is being stopped is stopped all the same: that was asked for here. */
  #takenOver(): void {
    if (this.#stop !== undefined || this.isSettled) return;
    for (const job of this.jobs) job.finish(takenOverEnd);
  }
}

/** Cancels a named job whose end is unknown, as `images.cancel(name)` does. Returns any other job as it is. */
async function cancelUnknown(job: Job, context: OperationContext): Promise<Job> {
  const { id, backend, end } = job;
  if (id === undefined || end?.kind !== 'unknown' || !backend.cancelable) return job;
  return cancelUnwatched(id, job, backend, context);
}

/** Its watch goes on after the report. */
function isWatched({ end, over, name }: Job): boolean {
  return end === undefined && name !== undefined && !over.aborted;
}
