import type { Backend, JobStatus } from '../backends/backend.js';
import type { Choice } from '../backends/choose.js';
import { OperationCancelledError } from '../errors/operation-cancelled-error.js';
import type { Host, HostRegistration } from '../host.js';
import { entriesOf } from '../images/response.js';
import type { GenerateImagesResponse } from '../images/types.js';
import type { Settings } from '../options.js';
import type { CancelReport, CancelTrigger, ProcessSignal } from '../stop/report.js';
import { Salvage } from '../stop/salvage.js';
import { lookLater } from '../stop/later-look.js';
import { listenToSignals } from '../stop/signal.js';
import { stopJob } from '../stop/stop-job.js';
import { stopAfter } from '../stop/timeout.js';
import type { OperationContext } from './context.js';
import { createDeferred } from './deferred.js';
import { EventChannel } from './event-channel.js';
import type { OperationState, WarningCode } from './events.js';
import { JobFleet } from './fleet.js';
import { endNotesOf } from './end-notes.js';
import type { Job } from './job.js';
import {
  createReport,
  failureOf,
  finalStateOf,
  leftoversOf,
  liveStateOf,
  responseOf,
  type StopRequest,
} from './outcome.js';
import { PreparedCancels } from './prepared-cancels.js';
import { Timers } from './timers.js';

/** The life of one operation, from its first request to its settling. The public handle is a view of it. */
export class OperationRun {
  readonly choice: Choice;
  readonly channel: EventChannel;
  readonly startedAt: number;
  readonly result = createDeferred<GenerateImagesResponse>();
  readonly submitted = createDeferred<undefined>();
  readonly #salvage = new Salvage();
  readonly #report = createDeferred<CancelReport>();
  readonly #settings: Settings;
  readonly #host: Host;
  readonly #timers: Timers;
  readonly #stopped = new AbortController();
  readonly #closed = new AbortController();
  readonly #hungUp = new AbortController();
  readonly #context: OperationContext;
  readonly #fleet: JobFleet;
  readonly #prepared: PreparedCancels;
  readonly #registration: HostRegistration;
  readonly #dropTriggers: () => void;
  #state: OperationState = 'submitting';
  #stop: StopRequest | undefined;
  #isSubmitted = false;
  #completed = 0;
  #isDetached = false;
  #waiters = 0;

  constructor(choice: Choice, settings: Settings, host: Host) {
    this.choice = choice;
    this.#settings = settings;
    this.#host = host;
    this.#timers = new Timers(settings.clock);
    this.startedAt = this.#timers.now();
    this.channel = new EventChannel(() => this.#updateHold());
    this.#context = {
      settings,
      host,
      timers: this.#timers,
      stopped: this.#stopped.signal,
      closed: this.#closed.signal,
      hungUp: this.#hungUp.signal,
      canFallBack: () => this.#stop === undefined && choice.fallBack !== undefined,
      salvage: (job, status) => this.#take(job, status),
      warn: (code, message, isNews) => this.warn(code, message, isNews),
    };
    this.#fleet = new JobFleet(choice.backend, choice.numberOfImages, this.#context, this.#jobListener);
    this.#prepared = new PreparedCancels(() => this.jobs);
    this.#registration = this.#register();
    const stop = (trigger: CancelTrigger, reason: unknown): void => void this.stop(trigger, reason);
    const drops = [listenToSignals(settings.cancelSignals, stop), stopAfter(settings.timeoutMs, this.#timers, stop)];
    this.#dropTriggers = () => drops.forEach((drop) => drop());
  }

  get jobs(): readonly Job[] {
    return this.#fleet.jobs;
  }

  get state(): OperationState {
    return this.#state;
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

  /** What requests that could not be stopped have made after the stop. */
  get salvaged(): Promise<GenerateImagesResponse> {
    return this.#salvage.result.promise;
  }

  /** Sends the creates, all at once, unless it was stopped before or the process is being stopped. */
  async begin(): Promise<void> {
    const admission = this.#host.admission();
    if (admission !== undefined) await admission;
    void this.#prepared.keepReady(this.choice.backend, this.#context);
    this.choice.announce(this.#context);
    await this.#fleet.run(() => this.#fallBack());
  }

  /** Watches a job that exists already. */
  adopt(id: string): void {
    for (const job of this.jobs) {
      job.accepted(id);
      this.#jobListener.changed(job);
    }
    void this.begin();
  }

  #fallBack(): Backend {
    const backend = this.choice.fallBack?.(this.#context);
    if (backend === undefined) throw new TypeError('There is nothing to fall back to.');
    return backend;
  }

  /**
   * Stops it on the server. The cancel calls of all named jobs have been handed to the SDK when this returns. The first
   * trigger wins; later ones get the same report; after the end nothing is sent.
   */
  stop(trigger: CancelTrigger, reason: unknown): Promise<CancelReport> {
    if (this.#stop !== undefined) return this.#report.promise;
    const stop = { trigger, reason, requestedAt: this.#timers.now() };
    if (this.isSettled) return Promise.resolve(createReport(this.jobs, stop, stop.requestedAt));
    this.#stop = stop;
    for (const job of this.jobs) void stopJob(job, this.#timers);
    this.#stopped.abort();
    this.#dropTriggers();
    const dropBudget = this.#timers.after(this.#settings.cancelTimeoutMs, () => this.#settle());
    this.#closed.signal.addEventListener('abort', dropBudget);
    this.#updateHold();
    this.#setState('cancelling');
    this.channel.emit('cancelling', { at: stop.requestedAt, trigger, reason });
    for (const job of this.jobs) if (job.state === 'waiting') job.finish({ kind: 'not-started' });
    this.#settleIfDone();
    return this.#report.promise;
  }

  /** From here on, disposing and the process leave it alone. */
  detach(): void {
    this.#isDetached = true;
    this.#registration.release();
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
      !this.isSettled && (this.#stop !== undefined || this.jobs.some(({ state }) => state === 'submitting'));
    const isAwaited = (!this.isSettled || this.#salvage.isOpen) && (this.#waiters > 0 || this.channel.hasListeners());
    this.#timers.hold(isBusy || isAwaited);
  }

  readonly #jobListener = {
    changed: (job: Job): void => {
      this.#announce(job);
      this.#updateHold();
      this.#settleIfDone();
    },
    unknownStatus: (job: Job): void => {
      this.warn(
        'unknown-status',
        `${job.name ?? ''} has the status ${job.lastStatus ?? ''}, which is not documented. It is watched on.`,
      );
    },
  };

  /** Done is also a stopped one whose remaining requests nothing can stop: they are not waited for. */
  #settleIfDone(): void {
    const isOver = ({ end, backend }: Job): boolean =>
      end !== undefined || (this.#stop !== undefined && !backend.cancellable);
    if (this.jobs.every(isOver)) queueMicrotask(() => this.#settle());
  }

  #announce(job: Job): void {
    if (this.isSettled) return;
    const at = this.#timers.now();
    this.#announceSubmitted(at);
    if (job.end !== undefined) this.#announceEnd(job, at);
    else if (job.progress.completed > this.#completed) this.#announceProgress(at);
    const isLive = this.jobs.some(({ end }) => end === undefined);
    if (this.#stop === undefined && isLive) this.#setState(liveStateOf(this.jobs));
  }

  #announceSubmitted(at: number): void {
    const isPlain = this.jobs.every(({ isSubmitted }) => isSubmitted);
    const isAnyAccepted = this.jobs.some(({ name, state }) => name !== undefined || state === 'running');
    if (this.#isSubmitted || !isPlain || !isAnyAccepted) return;
    this.#isSubmitted = true;
    if (this.jobs.some(({ name }) => name !== undefined)) this.choice.accepted?.();
    this.channel.emit('submitted', { at, jobs: this.jobs.map((job) => job.snapshot()) });
    this.submitted.resolve(undefined);
  }

  #announceEnd(job: Job, at: number): void {
    if (job.end?.kind === 'completed') {
      for (const { index, entry } of entriesOf(job.indices, job.end.outputs)) {
        if (entry.image !== undefined) this.channel.emit('image', { at, index, image: entry.image });
      }
      this.#announceProgress(at);
      for (const { code, message } of endNotesOf(job)) this.warn(code, message);
    }
    const { error } = job.snapshot();
    if (error !== undefined && this.jobs.length > 1) this.warn('job-failed', `Image ${job.index}: ${error.message}`);
  }

  #announceProgress(at: number): void {
    const progress = this.jobs.map((job) => job.progress);
    const completed = progress.reduce((sum, job) => sum + job.completed, 0);
    const total = progress.reduce((sum, job) => sum + job.total, 0);
    this.#completed = completed;
    this.channel.emit('progress', { at, completed, total, elapsedMs: at - this.startedAt });
  }

  #settle(): void {
    if (this.isSettled) return;
    for (const { needsOutput, name, results } of this.jobs) {
      if (!needsOutput) continue;
      const where = results === undefined ? '' : ` It lies in ${results}.`;
      this.warn('image-not-fetched', `${name ?? ''} has ended, but what it made could not be fetched in time.${where}`);
    }
    this.#closed.abort();
    this.#beginSalvage();
    for (const job of this.jobs) job.close();
    this.#dropTriggers();
    this.#updateHold();
    const at = this.#timers.now();
    const report = this.#stop === undefined ? undefined : createReport(this.jobs, this.#stop, at);
    const response = report?.response ?? responseOf(this.jobs);
    const error = this.#errorOf(report);
    const state = finalStateOf(this.jobs, report);
    this.#setState(state);
    this.channel.emit('settled', {
      at,
      state,
      ...(response === undefined ? {} : { response }),
      ...(error === undefined ? {} : { error }),
      ...(report === undefined ? {} : { report }),
    });
    void this.#tellCallers(response, error, report);
  }

  #beginSalvage(): void {
    const { salvage, salvageTimeoutMs } = this.#settings;
    const left = salvage ? this.jobs.filter(({ end, backend }) => end === undefined && !backend.cancellable) : [];
    this.#salvage.expect([...left, ...this.#lookLater()]);
    if (left.length === 0) {
      this.#hungUp.abort();
      return;
    }
    const drop = this.#timers.after(salvageTimeoutMs, () => {
      this.#hungUp.abort();
      this.#salvage.end();
    });
    void this.salvaged.then(() => {
      drop();
      this.#updateHold();
    });
  }

  /** Has the cancelled jobs looked at once more; what they have made after all is delivered like what is salvaged. */
  #lookLater(): readonly Job[] {
    const { laterLookMs } = this.#settings;
    if (laterLookMs === undefined || this.#stop === undefined) return [];
    return this.jobs.filter((job) => {
      const { backend, end } = job;
      if (!backend.cancellable || end?.kind !== 'cancelled') return false;
      void lookLater(job, backend, laterLookMs, this.#context).then((status) => this.#take(job, status));
      return true;
    });
  }

  #take(job: Job, status: JobStatus | undefined): void {
    for (const { index, entry } of this.#salvage.take(job, status)) {
      if (entry.image !== undefined) this.channel.emit('image', { at: this.#timers.now(), index, image: entry.image });
    }
  }

  #errorOf(report: CancelReport | undefined): Error | undefined {
    if (report === undefined) return responseOf(this.jobs) === undefined ? failureOf(this.jobs) : undefined;
    const resolves = this.#settings.onCompletedAnyway === 'resolve' && report.outcome === 'completed-anyway';
    return resolves && report.response !== undefined
      ? undefined
      : new OperationCancelledError(
          report,
          this.jobs.map((job) => job.reference()),
        );
  }

  /** Callers hear last: when the process is about to die of a signal, they do not hear at all. */
  async #tellCallers(
    response: GenerateImagesResponse | undefined,
    error: Error | undefined,
    report: CancelReport | undefined,
  ): Promise<void> {
    const gate = this.#registration.settled(report);
    if (gate !== undefined) await gate;
    if (report !== undefined) this.#report.resolve(report);
    if (error !== undefined) {
      this.submitted.reject(error);
      this.result.reject(error);
    } else if (response !== undefined) {
      this.result.resolve(response);
    }
  }

  #setState(to: OperationState): void {
    const from = this.#state;
    if (from === to) return;
    this.#state = to;
    this.channel.emit('state', { at: this.#timers.now(), from, to });
  }

  /** Tells listeners; a warning that nobody listens for must not be lost. */
  warn(code: WarningCode, message: string, isNews = (): boolean => true): void {
    if (this.channel.hasListeners('warning')) this.channel.emit('warning', { at: this.#timers.now(), code, message });
    // eslint-disable-next-line no-console -- there is nobody else to tell
    else if (isNews()) console.warn(`genai-cancel: ${message}`);
  }

  #register(): HostRegistration {
    const { signals, exitTimeoutMs } = this.#settings;
    const { channel } = this;
    return this.#host.register({
      signals,
      exitTimeoutMs,
      get hasAudience() {
        return channel.hasListeners('settled');
      },
      stop: (trigger: ProcessSignal) => this.stop(trigger, new DOMException(`Stopped by ${trigger}.`, 'AbortError')),
      leftovers: () => leftoversOf(this.jobs),
      pendingCancels: () => this.#prepared.pending(),
    });
  }
}
