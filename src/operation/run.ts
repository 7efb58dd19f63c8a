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
import type { OperationContext } from './job/context.js';
import { unknownStatusWarningOf } from './warnings.js';
import type { Operation } from '../api/handle.js';
import { snapshotOf, type OperationIdentity } from './identity.js';
import { EventChannel } from './event-channel.js';
import { createDebug } from './debug.js';
import type { OperationState } from '../api/events.js';
import { imagesIn } from './response.js';
import { OperationRecorder } from './recorder.js';
import { JobPool } from './job-pool.js';
import { exitParticipant } from './exit-participant.js';
import type { Crowd } from './job/crowd.js';
import type { Debug, Job, JobListener } from './job/job.js';
import type { OperationSnapshot } from '../api/snapshot.js';
import { takenOverEnd } from './job/job-end.js';
import { PreparedCancels } from './prepared-cancels.js';
import { Timers } from '../util/timers.js';

/** The life of one operation, from its first request to its settling. The public handle is a view of it. */
export class OperationRun {
  readonly plan: Plan;
  readonly identity: OperationIdentity;
  readonly channel: EventChannel;
  readonly handover: Handover;
  readonly settling: Settling;
  readonly #late: LateAnswers;
  readonly #host: Platform;
  readonly #context: OperationContext;
  readonly #pool: JobPool;
  readonly #publisher: Publisher;
  readonly #prepared: PreparedCancels;
  readonly #recorder: OperationRecorder | undefined;
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
    this.plan = plan;
    this.identity = identity;
    this.#host = host;
    const timers = new Timers(settings.clock);
    this.channel = new EventChannel(
      () => this.#updateHold(),
      (image) => this.handover.markDelivered([image]),
    );
    this.#late = new LateAnswers(timers, () => this.#afterSettling());
    this.#recorder = this.#record(settings, timers);
    const debug = createDebug(identity.id, timers, [settings.logger?.debug?.bind(settings.logger), host.debug]);
    const { channel } = this;
    const jobs = (): readonly Job[] => this.jobs;
    const parts = {
      plan,
      settings,
      server: identity.server,
      timers,
      jobs,
      channel,
      late: this.#late,
      recorder: this.#recorder,
      debug,
    };
    this.handover = new Handover({
      ...parts,
      operation: handle,
      registration: () => this.#registration,
      warn: (code, message) => this.#publisher.warn(code, message),
      changed: () => this.#updateHold(),
    });
    this.#publisher = new Publisher({ ...parts, handover: this.handover });
    this.settling = new Settling({
      ...parts,
      publisher: this.#publisher,
      handover: this.handover,
      changed: () => {
        this.#dropTriggers();
        this.#updateHold();
      },
    });
    this.#context = this.#contextOf(settings, timers, crowd, debug);
    this.#pool = new JobPool(plan, this.#context, this.#listenerOf(debug), (refusal) => {
      this.#context.refused.abort();
      return plan.fallBack?.(refusal, this.#context.warn);
    });
    this.#prepared = new PreparedCancels(() => this.settling.allJobs);
    this.#registration = host.register(exitParticipant(this, this.#prepared, settings));
    this.#dropTriggers = listenToTriggers(settings, timers, (trigger, reason) => void this.stop(trigger, reason));
  }

  #contextOf(settings: Settings, timers: Timers, crowd: Crowd, debug: Debug): OperationContext {
    const { plan, identity, settling } = this;
    return {
      settings,
      track: this.#host.track,
      crowd,
      origin: identity.server.origin,
      pausedUntil: new Map(),
      recorder: this.#recorder,
      startedAt: identity.startedAt ?? timers.now(),
      timeoutEndsAt: timers.elapsed() + (settings.timeoutMs ?? Infinity),
      timers,
      stopped: new Latch(),
      closed: settling.closed,
      hungUp: settling.hungUp,
      refused: new Latch(),
      rememberRefusal: () => plan.observe?.('background-refused', timers.now()),
      awaitAnswer: () => this.#late.awaitCreate(),
      duplicate: (job) => settling.addDuplicate(job),
      spare: (job, duplicate) => settling.extras.spare(job, duplicate),
      salvage: (job, status) => this.#take(job, status),
      warn: (code, message, isNews) => this.#publisher.warn(code, message, isNews),
      debug,
    };
  }

  get jobs(): readonly Job[] {
    return this.#pool.jobs;
  }

  get state(): OperationState {
    return this.#publisher.state;
  }

  get isSettled(): boolean {
    return this.settling.isSettled;
  }

  get isDetached(): boolean {
    return this.handover.isDetached;
  }

  /** Sends the creates, all at once, unless it was stopped before or the process is being stopped; attaches to existing jobs. */
  async begin(): Promise<void> {
    if (this.plan.existing !== undefined) this.#attach();
    const admission = this.#host.admission();
    if (admission !== undefined) await admission;
    const backends = new Set(this.jobs.map((job) => job.backend));
    for (const backend of backends) void this.#prepared.keepReady(backend, this.#context, this.#host);
    const { noSignals } = this.#host;
    if (noSignals !== undefined && this.#context.settings.signals.length > 0)
      this.#publisher.warn('no-process-signals', noSignals);
    this.plan.announce?.(this.#context.warn);
    await this.#pool.run();
  }

  #attach(): void {
    this.#recorder?.join();
    for (const job of this.jobs) if (job.id !== undefined) this.#changed(job);
  }

  /** Resolves when its journal knows of the end, if it has one. */
  get recorded(): Promise<undefined> {
    return this.#recorder?.done.promise ?? Promise.resolve(undefined);
  }

  snapshot(): OperationSnapshot {
    return snapshotOf(this.identity, this.plan.backend, this.#context.startedAt, this.jobs);
  }

  /**
   * Stops it on the server. The cancel calls of all named jobs have been handed to the SDK when this returns. The first
   * trigger wins; later ones get the same report; after the end nothing is sent.
   */
  stop(trigger: CancelTrigger, reason: unknown): Promise<CancelReport> {
    if (this.settling.request !== undefined) return this.handover.report.promise;
    const request = { trigger, reason, requestedAt: this.#context.timers.now() };
    if (this.isSettled) return this.settling.cancelAfterEnd(request, this.state === 'abandoned', this.#context);
    this.settling.begin(request);
    for (const job of this.jobs) void cancelJob(job, this.#context);
    this.#context.debug(() => `cancel by ${trigger}`);
    this.#context.stopped.abort();
    this.#dropTriggers();
    this.#updateHold();
    this.#publisher.setState('cancelling');
    this.channel.emit('cancelling', { at: request.requestedAt, trigger, reason });
    for (const job of this.jobs) if (job.state === 'waiting') job.finish({ kind: 'not-started' });
    this.settling.settleIfDone();
    return this.handover.report.promise;
  }

  /** From here on, disposing and the process leave it alone. */
  detach(): void {
    this.handover.detach();
    this.#registration.release();
    this.#recorder?.detached(this.#context.timers.now());
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
    const { isReportingLate, isSettled, request } = this.settling;
    const isSubmitting = this.jobs.some(({ state }) => state === 'submitting');
    const isBusy = isReportingLate || (!isSettled && (request !== undefined || isSubmitting));
    const isAwaited =
      this.isSettled && !this.#late.isImageExpected
        ? this.channel.hasIterators
        : this.#waiters > 0 || this.channel.hasListeners() || this.handover.hasReceiver;
    this.#context.timers.hold(isBusy || isAwaited || this.handover.isDying || this.#recorder?.isBusy === true);
  }

  #listenerOf(debug: Debug): JobListener {
    return {
      changed: (job) => this.#changed(job),
      debug,
      unknownStatus: (job) => {
        if (!this.isSettled) this.#publisher.warn('unknown-status', unknownStatusWarningOf(job));
      },
    };
  }

  #changed(job: Job): void {
    this.#recorder?.changed(job);
    this.settling.learnFrom(job);
    this.#publish(job);
    this.#updateHold();
    this.settling.settleIfDone();
  }

  #publish(job: Job): void {
    if (this.isSettled) return;
    if (this.#publisher.publishSubmitted()) void this.handover.tellNames();
    this.#publisher.publish(job, this.settling.request !== undefined);
    if (job.end !== undefined) this.settling.extras.jobEnded(job);
  }

  #take(job: Job, status: JobStatus | undefined): void {
    if (!this.#late.isImageExpected) return;
    this.#publisher.publishImages(job, this.#late.take(job, status));
    this.settling.extras.add(job, imagesIn(status?.outputs?.slice(job.indices.length) ?? []));
    this.#late.update();
  }

  #afterSettling(): void {
    if (!this.#late.isOpen) this.channel.close();
    this.#updateHold();
  }

  /**
   * Cancels it for a process signal. Resolves when it has settled and, if the process is going to die, when nothing more can
   * be handed over in time.
   */
  async shutDown(trigger: ProcessSignal, isFatal: boolean): Promise<void> {
    const pressedAt = this.#context.timers.elapsed();
    if (isFatal) this.handover.die();
    void this.stop(trigger, new DOMException(`Cancelled by ${trigger}.`, 'AbortError'));
    this.#updateHold();
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
      takenOver: () => this.#takenOver(),
      warn: (code, message) => this.#publisher.warn(code, message),
      busyChanged: () => this.#updateHold(),
    });
  }

  /** Another process has it now. A cancel that has begun here goes on. */
  #takenOver(): void {
    if (this.settling.request !== undefined || this.isSettled) return;
    for (const job of this.jobs) job.finish(takenOverEnd);
  }
}
