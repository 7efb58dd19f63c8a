import type { Backend } from '../backends/backend.js';
import { OperationCancelledError } from '../errors/operation-cancelled-error.js';
import type { Host, HostedOperation, HostRegistration } from '../host.js';
import type { GenerateImagesResponse } from '../images/types.js';
import type { Settings } from '../options.js';
import { listenToSignals } from '../stop/signal.js';
import { stopJob } from '../stop/stop-job.js';
import { stopAfter } from '../stop/timeout.js';
import type { CancelReport, CancelTrigger } from '../stop/report.js';
import { watchJob } from '../watch/watch-job.js';
import type { OperationContext } from './context.js';
import { createDeferred } from './deferred.js';
import { EventChannel } from './event-channel.js';
import type { OperationState, WarningCode } from './events.js';
import { Job } from './job.js';
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
import { submitJob } from './submit.js';
import { Timers } from './timers.js';

/** The life of one operation, from its first request to its settling. The public handle is a view of it. */
export class OperationRun {
  readonly backend: Backend;
  readonly jobs: readonly Job[];
  readonly channel: EventChannel;
  readonly startedAt: number;
  readonly result = createDeferred<GenerateImagesResponse>();
  readonly submitted = createDeferred<undefined>();
  readonly #report = createDeferred<CancelReport>();
  readonly #settings: Settings;
  readonly #host: Host;
  readonly #timers: Timers;
  readonly #stopped = new AbortController();
  readonly #closed = new AbortController();
  readonly #context: OperationContext;
  readonly #prepared: PreparedCancels;
  readonly #registration: HostRegistration;
  readonly #dropTriggers: () => void;
  #state: OperationState = 'submitting';
  #stop: StopRequest | undefined;
  #isSubmitted = false;
  #isDetached = false;
  #waiters = 0;

  constructor(backend: Backend, settings: Settings, host: Host) {
    this.backend = backend;
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
      warn: (code, message) => this.#warn(code, message),
    };
    this.jobs = Array.from({ length: backend.jobCount }, (_, index) => new Job(index, backend, this.#jobListener));
    this.#prepared = new PreparedCancels(this.jobs);
    this.#registration = host.register(this.#hosted());
    const stop = (trigger: CancelTrigger, reason: unknown): void => void this.stop(trigger, reason);
    const drops = [listenToSignals(settings.cancelSignals, stop), stopAfter(settings.timeoutMs, this.#timers, stop)];
    this.#dropTriggers = () => drops.forEach((drop) => drop());
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

  get settings(): Settings {
    return this.#settings;
  }

  /** Sends the creates, all at once, unless it was stopped before or the process is being stopped. */
  async begin(): Promise<void> {
    const admission = this.#host.admission();
    if (admission !== undefined) await admission;
    void this.#prepared.keepReady(this.backend, this.#context);
    await Promise.all(this.jobs.map((job) => this.#live(job)));
  }

  /** Watches jobs that exist already. */
  adopt(ids: readonly string[]): void {
    this.jobs.forEach((job, index) => job.accepted(ids[index] ?? ''));
    for (const job of this.jobs) this.#jobListener.changed(job);
    void this.begin();
  }

  async #live(job: Job): Promise<void> {
    if (job.id === undefined && job.end === undefined) await submitJob(job, this.#context);
    if (!job.over.aborted) await watchJob(job, this.#context);
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
    const busy = this.#stop !== undefined || this.jobs.some(({ state }) => state === 'submitting');
    this.#timers.hold(!this.isSettled && (busy || this.#waiters > 0 || this.channel.hasListeners()));
  }

  readonly #jobListener = {
    changed: (job: Job): void => {
      this.#announce(job);
      this.#updateHold();
      if (this.jobs.every(({ end }) => end !== undefined)) queueMicrotask(() => this.#settle());
    },
    unknownStatus: (job: Job): void => {
      this.#warn(
        'unknown-status',
        `${job.name ?? ''} has the status ${job.lastStatus ?? ''}, which is not documented. It is watched on.`,
      );
    },
  };

  #announce(job: Job): void {
    if (this.isSettled) return;
    const at = this.#timers.now();
    this.#announceSubmitted(at);
    if (job.end !== undefined) this.#announceEnd(job, at);
    const isLive = this.jobs.some(({ end }) => end === undefined);
    if (this.#stop === undefined && isLive) this.#setState(liveStateOf(this.jobs));
  }

  #announceEnd(job: Job, at: number): void {
    if (job.end?.kind === 'completed') this.#announceOutput(job, at);
    const { error } = job.snapshot();
    if (error !== undefined && this.jobs.length > 1) this.#warn('job-failed', `Image ${job.index}: ${error.message}`);
  }

  #announceSubmitted(at: number): void {
    const decided = this.jobs.every(({ name, end }) => name !== undefined || end !== undefined);
    if (this.#isSubmitted || !decided || this.jobs.every(({ name }) => name === undefined)) return;
    this.#isSubmitted = true;
    this.channel.emit('submitted', { at, jobs: this.jobs.map((job) => job.snapshot()) });
    this.submitted.resolve(undefined);
  }

  #announceOutput({ index, end }: Job, at: number): void {
    if (end?.kind === 'completed' && 'image' in end.output) {
      this.channel.emit('image', { at, index, image: end.output.image });
    }
    const completed = this.jobs.filter((job) => job.end?.kind === 'completed').length;
    this.channel.emit('progress', { at, completed, total: this.jobs.length, elapsedMs: at - this.startedAt });
  }

  #settle(): void {
    if (this.isSettled) return;
    for (const { needsOutput, name } of this.jobs) {
      if (needsOutput)
        this.#warn('image-not-fetched', `${name ?? ''} has completed, but its image could not be fetched in time.`);
    }
    this.#closed.abort();
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

  #warn(code: WarningCode, message: string): void {
    if (this.channel.hasListeners('warning')) this.channel.emit('warning', { at: this.#timers.now(), code, message });
    // eslint-disable-next-line no-console -- a warning that nobody listens for must not be lost
    else console.warn(`genai-cancel: ${message}`);
  }

  #hosted(): HostedOperation {
    const { signals, exitTimeoutMs } = this.#settings;
    const { channel } = this;
    return {
      signals,
      exitTimeoutMs,
      get hasAudience() {
        return channel.hasListeners('settled');
      },
      stop: (trigger) => this.stop(trigger, new DOMException(`Stopped by ${trigger}.`, 'AbortError')),
      leftovers: () => leftoversOf(this.jobs),
      pendingCancels: () => this.#prepared.pending(),
    };
  }
}
