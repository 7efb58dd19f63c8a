import { Latch } from '../util/latch.js';
import type { JobStatus } from '../google/port.js';
import type { Plan } from './job/plan.js';
import type { Platform, ExitRegistration } from './platform.js';
import type { Settings } from '../api/options.js';
import type { CancelReport, CancelTrigger, ProcessSignal } from '../api/report.js';
import { Handover } from './handover.js';
import { LateAnswers } from './late-answers.js';
import { Settling } from './settling.js';
import { listenToTriggers } from './triggers.js';
import { cancelJob } from './job/cancel-job.js';
import { Publisher } from './publisher.js';
import { unknownStatusWarningOf } from './warnings.js';
import type { Operation } from '../api/handle.js';
import type { OperationIdentity, OperationParts } from './parts.js';
import { EventChannel } from './event-channel.js';
import { createDebug } from './debug.js';
import type { OperationState } from '../api/events.js';
import { imagesIn } from './response.js';
import { OperationRecorder } from './recorder.js';
import { JobPool } from './job-pool.js';
import { exitParticipant } from './exit-participant.js';
import type { Crowd } from './job/crowd.js';
import type { Job } from './job/job.js';
import type { OperationSnapshot } from '../api/snapshot.js';
import { takenOverEnd } from './job/job-end.js';
import { PreparedCancels } from './prepared-cancels.js';
import { compact } from '../util/json.js';
import { Timers } from '../util/timers.js';

/** The life of one operation, from its first request to its settling. The public handle is a view of it. */
export class OperationRun {
  readonly identity: OperationIdentity;
  readonly channel: EventChannel;
  readonly handover: Handover;
  readonly settling: Settling;
  readonly #host: Platform;
  readonly #parts: OperationParts;
  readonly #pool: JobPool;
  readonly #publisher: Publisher;
  readonly #prepared: PreparedCancels;
  readonly #registration: ExitRegistration;
  readonly #dropTriggers: () => void;
  #waiters = 0;

  constructor(
    plan: Plan,
    settings: Settings,
    host: Platform,
    identity: OperationIdentity,
    crowd: Crowd,
    handle: () => Operation,
  ) {
    this.identity = identity;
    this.#host = host;
    const parts = this.#partsOf(plan, settings, crowd);
    this.#parts = parts;
    this.channel = parts.channel;
    this.handover = new Handover(parts, handle, () => this.#registration);
    this.#publisher = new Publisher(parts, this.handover.deliveries);
    this.settling = new Settling(parts, this.#publisher, this.handover);
    const unknownStatus = (job: Job): void => {
      if (!this.settling.isSettled) parts.warn('unknown-status', unknownStatusWarningOf(job));
    };
    const listener = { changed: (job: Job) => this.#changed(job), unknownStatus, debug: parts.debug };
    this.#pool = new JobPool(plan, parts, listener, (refusal) => {
      parts.refused.abort();
      return plan.fallBack?.(refusal, parts.warn);
    });
    this.#prepared = new PreparedCancels(() => this.settling.allJobs);
    const shutDown = this.shutDown.bind(this);
    this.#registration = host.register(exitParticipant(parts, this.settling, this.handover, this.#prepared, shutDown));
    this.#dropTriggers = listenToTriggers(settings, parts.timers, (trigger, reason) => void this.stop(trigger, reason));
  }

  /** Its closures are called only after the constructor. */
  #partsOf(plan: Plan, settings: Settings, crowd: Crowd): OperationParts {
    const { id, server, startedAt } = this.identity;
    const timers = new Timers(settings.clock);
    const changed = (): void => this.#follow();
    const late = new LateAnswers(timers, changed);
    return {
      plan,
      identity: this.identity,
      settings,
      timers,
      crowd,
      late,
      changed,
      channel: new EventChannel(changed, (image) => this.handover.deliveries.mark([image], false)),
      recorder: this.#record(settings, timers),
      jobs: () => this.jobs,
      track: this.#host.track,
      origin: server.origin,
      pausedUntil: new Map(),
      startedAt: startedAt ?? timers.now(),
      timeoutEndsAt: timers.elapsed() + (settings.timeoutMs ?? Infinity),
      stopped: new Latch(),
      closed: new Latch(),
      hungUp: late.hungUp,
      refused: new Latch(),
      rememberRefusal: () => plan.observe?.('background-refused', timers.now()),
      awaitAnswer: () => late.awaitCreate(),
      duplicate: (job) => this.settling.addDuplicate(job),
      takesImages: ({ end }) =>
        !this.settling.isSettled ||
        (end !== undefined &&
          end.kind !== 'unknown' &&
          (settings.onImage !== undefined || this.channel.hasListeners('image'))),
      spare: (job, duplicate) => this.settling.extras.spare(job, duplicate),
      salvage: (job, status) => this.#take(job, status),
      warn: (code, message, isNews) => this.#publisher.warn(code, message, isNews),
      debug: createDebug(id, timers, [settings.logger?.debug?.bind(settings.logger), this.#host.debug]),
    };
  }

  get jobs(): readonly Job[] {
    return this.#pool.jobs;
  }

  get state(): OperationState {
    return this.#publisher.state;
  }

  /** Sends the creates, all at once, unless it was stopped before or the process is being stopped. Attaches to existing jobs. */
  async begin(): Promise<void> {
    const { plan, recorder, settings, warn } = this.#parts;
    if (plan.existing !== undefined) {
      void recorder?.join();
      for (const job of this.jobs) if (job.id !== undefined) this.#changed(job);
    }
    const admission = plan.existing === undefined ? this.#host.admission() : undefined;
    if (admission !== undefined) await admission;
    const backends = new Set(this.jobs.map((job) => job.backend));
    for (const backend of backends) void this.#prepared.keepReady(backend, this.#parts, this.#host);
    const { noSignals } = this.#host;
    if (noSignals !== undefined && settings.signals.length > 0) warn('no-process-signals', noSignals);
    plan.announce?.(warn);
    await this.#pool.run();
  }

  get recorded(): Promise<undefined> {
    return this.#parts.recorder?.done.promise ?? Promise.resolve(undefined);
  }

  snapshot(): OperationSnapshot {
    const { plan, startedAt } = this.#parts;
    const { id, tag, server } = this.identity;
    const { name: backend, model } = plan.backend;
    const jobs = this.jobs.map((job) => job.reference());
    return { version: 1, ...compact({ id, tag }), backend, model, server, startedAt, jobs };
  }

  /** Cancels it on the server: when this returns, the SDK has the calls of all named jobs. The first trigger wins. */
  stop(trigger: CancelTrigger, reason: unknown): Promise<CancelReport> {
    if (this.settling.request !== undefined) return this.handover.report.promise;
    const request = { trigger, reason, requestedAt: this.#parts.timers.now() };
    if (this.settling.isSettled) return this.settling.cancelAfterEnd(request);
    this.settling.begin(request);
    for (const job of this.jobs) void cancelJob(job, this.#parts);
    this.#parts.debug(() => `cancel by ${trigger}`);
    this.#parts.stopped.abort();
    this.#follow();
    this.#publisher.setState('cancelling');
    this.channel.emit('cancelling', { at: request.requestedAt, trigger, reason });
    for (const job of this.jobs) if (job.state === 'waiting') job.finish({ kind: 'not-started' });
    this.settling.settleIfDone();
    return this.handover.report.promise;
  }

  /** From here on, disposing and the process leave it alone. */
  detach(): void {
    this.handover.detached.abort();
    this.#registration.release();
    this.#parts.recorder?.detached(this.#parts.timers.now());
  }

  /** Counts someone as waiting until `promise` settles, so that the process stays alive for them. */
  async waiting<T>(promise: Promise<T>): Promise<T> {
    this.#waiters++;
    this.#follow();
    try {
      return await promise;
    } finally {
      this.#waiters--;
      this.#follow();
    }
  }

  /** Does what follows from a change. An unnamed create always holds the process: nobody could find its job again. */
  #follow(): void {
    const { isReportingLate, isSettled, request } = this.settling;
    const { settings, late, channel, timers, recorder } = this.#parts;
    if (isSettled || request !== undefined) this.#dropTriggers();
    if (late.over.aborted) channel.close();
    const isSubmitting = this.jobs.some(({ state }) => state === 'submitting');
    const isBusy = isReportingLate || (!isSettled && (request !== undefined || isSubmitting));
    const isAwaited =
      isSettled && !late.isImageExpected
        ? channel.hasIterators
        : this.#waiters > 0 || channel.hasListeners() || settings.onImage !== undefined;
    timers.hold(isBusy || isAwaited || this.handover.dying.aborted || recorder?.queue.isBusy === true);
  }

  #changed(job: Job): void {
    this.#parts.recorder?.changed(job);
    this.settling.learnFrom(job);
    this.#publish(job);
    this.#follow();
    this.settling.settleIfDone();
  }

  #publish(job: Job): void {
    if (this.settling.isSettled) return;
    if (this.#publisher.publishSubmitted()) void this.handover.tellNames();
    this.#publisher.publish(job, this.settling.request !== undefined);
    if (job.end !== undefined) this.settling.extras.jobEnded(job);
  }

  #take(job: Job, status: JobStatus | undefined): void {
    const { late } = this.#parts;
    if (!late.isImageExpected) return;
    this.#publisher.publishImages(job, late.take(job, status));
    this.settling.extras.add(job, imagesIn(status?.outputs?.slice(job.indices.length) ?? []));
    late.update();
  }

  /** Cancels it for a process signal, as `ExitParticipant` says. */
  async shutDown(trigger: ProcessSignal, isFatal: boolean): Promise<void> {
    const pressedAt = this.#parts.timers.elapsed();
    if (isFatal) this.handover.dying.abort();
    void this.stop(trigger, new DOMException(`Cancelled by ${trigger}.`, 'AbortError'));
    this.#follow();
    await this.settling.closed.reached();
    if (isFatal) await this.handover.drain(pressedAt, this.settling.budgetEndsAt);
  }

  #record({ journal }: Settings, timers: Timers): OperationRecorder | undefined {
    const { record } = this.identity;
    if (journal === undefined || record === undefined) return undefined;
    return new OperationRecorder(journal, timers, record, {
      jobs: () => this.jobs,
      snapshot: () => this.snapshot(),
      unclaimed: () => this.handover.unclaimed(),
      isStillNeeded: () => this.handover.isClaimAwaited,
      takenOver: () => {
        // A cancel that has begun here goes on.
        if (this.settling.request !== undefined || this.settling.isSettled) return;
        for (const job of this.jobs) job.finish(takenOverEnd);
      },
      warn: (code, message) => this.#publisher.warn(code, message),
      busyChanged: () => this.#follow(),
    });
  }
}
