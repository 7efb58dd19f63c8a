import { failureOf, type CallFailure } from '../../google/failures.js';
import type { JobStatus, StatusEvent, StatusStream } from '../../google/port.js';
import type { OperationContext } from './context.js';
import type { CancelableJob } from './job.js';
import { lostEnd, unreadableEnd } from './job-end.js';
import { PollPace } from './poll-pace.js';
import { hold } from './send.js';
import { AwakeTime } from './awake-time.js';
import { NoAnswerError } from '../../util/timers.js';

const OPEN_TIMEOUT_MS = 15_000;
const READ_TIMEOUT_MS = 15_000;
/** The pace after a cancel: the pauses before the first reads, then one read a second. */
const HURRIED_PAUSES_MS = [0, 100, 250, 500] as const;
const SLOWEST_HURRIED_PAUSE_MS = 1_000;
const HURRIED_READ_TIMEOUT_MS = 3_000;
/** A read that was sent before a cancel is given up so long after it. */
const STALE_READ_MS = 1_000;
/** A stream that says nothing for so long may be dead without anyone having told us: read the status beside it. */
const SILENCE_MS = 20_000;
/** Between a stream that was cut and the next one: resuming is cheap, doing it in a tight loop is not. */
const RESUME_DELAY_MS = 250;
const MAX_BACKOFF_MS = 15_000;
const WARN_AFTER_READS = 3;
/** After so many streams in a row that brought nothing new, the status is polled. */
const MAX_BARREN_STREAMS = 3;
/** A stream that has more events than any job has no end: the status is polled. */
const MAX_EVENTS = 10_000;

/**
 * Watches one job until it is over: by its stream, resumed after every cut, and by reading its status where no stream can
 * be had. A cancel makes it read sooner. No answer ends it but a terminal status; `limits.watchMs` without a readable one
 * abandons it, with `MayBeRunningError` (`WATCH_LOST`). `isNew`: it has just been started.
 */
export function watchJob(job: CancelableJob, context: OperationContext, isNew = false): Promise<void> {
  return new JobWatch(job, context, isNew).run();
}

class JobWatch {
  readonly #job: CancelableJob;
  readonly #context: OperationContext;
  #streaming: boolean;
  /** Too many streams are open in this process: the status is polled meanwhile. */
  #isCrowdedOut = false;
  #barrenStreams = 0;
  /** Streams in a row that ended soon: they are not resumed faster than the status would be polled. */
  #shortStreams = 0;
  #failedReads = 0;
  #warned: 'status-unreadable' | 'job-denied' | undefined;
  #lastEventId: string | undefined;
  #lastGoodAt: number;
  readonly #awake: AwakeTime;
  /** Time of trying at the first failed read since the last success. */
  #failedAtMs: number | undefined;
  /** Time of trying when the server was first seen to have completed it, while what it made is still fetched. */
  #completedAtMs: number | undefined;
  #hurriedReads = 0;
  readonly #pace: PollPace;

  constructor(job: CancelableJob, context: OperationContext, isNew: boolean) {
    this.#job = job;
    this.#context = context;
    this.#streaming = this.#canStream;
    this.#lastGoodAt = context.timers.elapsed();
    this.#awake = new AwakeTime(context.timers);
    this.#pace = new PollPace(job, context, this.#awake, isNew);
  }

  /** With a webhook a stream would only hold a connection. */
  get #canStream(): boolean {
    return this.#job.backend.stream !== undefined && this.#context.settings.webhook === undefined;
  }

  async run(): Promise<void> {
    while (!this.#isOver()) {
      const resumable = this.#mayFollow() && (await this.#follow());
      // Without a stream the status can still be read.
      if (!resumable && !this.#isOver() && (this.#job.isHurried || !this.#pace.isEarly)) await this.#read();
      if (this.#isOver() || this.#isLost()) return;
      await this.#pause(resumable);
    }
  }

  /** After a cancel, or a hint, a read is sooner than a new stream, unless reads fail. */
  #mayFollow(): boolean {
    if (!this.#streaming || this.#job.needsOutput || this.#job.hinted.aborted) return false;
    return !this.#job.isHurried || this.#failedReads > 0;
  }

  async #pause(resumable: boolean): Promise<void> {
    const pauseMs = this.#pace.heeded(this.#pauseMs(resumable));
    if (!this.#job.isHurried) await this.#awake.sleep(pauseMs, ...this.#job.wakes, this.#job.hinted);
    if (this.#job.isHurried) await this.#awake.sleep(this.#hurriedPauseMs(), this.#job.over);
  }

  #hurriedPauseMs(): number {
    return HURRIED_PAUSES_MS[this.#hurriedReads++] ?? SLOWEST_HURRIED_PAUSE_MS;
  }

  #pauseMs(resumable: boolean): number {
    const pollMs = this.#context.settings.limits.pollMs ?? this.#job.backend.pollIntervalMs;
    const backOff = (times: number, maxMs: number): number => Math.min(RESUME_DELAY_MS * 2 ** times, maxMs);
    if (resumable) return backOff(this.#shortStreams, Math.max(pollMs, RESUME_DELAY_MS));
    if (this.#failedReads > 0) return backOff(this.#failedReads, Math.max(MAX_BACKOFF_MS, pollMs));
    if (this.#streaming && !this.#isCrowdedOut) return backOff(this.#barrenStreams, pollMs);
    return this.#pace.pauseMs(pollMs);
  }

  #isOver(): boolean {
    return this.#job.over.aborted;
  }

  #isLost(): boolean {
    const { watchMs } = this.#context.settings.limits;
    if (this.#failedAtMs === undefined || this.#awake.ms - this.#failedAtMs < watchMs) return false;
    const why = `could be read for ${watchMs} ms. It was not cancelled and may be running.`;
    const { needsOutput, facts } = this.#job;
    // It runs no more if the server has completed it.
    this.#job.finish(needsOutput ? unreadableEnd(facts.status) : lostEnd((names) => `No status of ${names} ${why}`));
    return true;
  }

  /** One stream, from its opening to its end. Whether it brought anything new, so that it pays to resume it. */
  async #follow(): Promise<boolean> {
    const leave = this.#context.crowd.enterStream();
    this.#isCrowdedOut = leave === undefined;
    if (leave === undefined) return false;
    try {
      const stream = await this.#open();
      return stream !== undefined && (await this.#followToEnd(stream));
    } finally {
      leave();
    }
  }

  async #followToEnd(stream: StatusStream): Promise<boolean> {
    const eventIdBefore = this.#lastEventId;
    const openedAt = this.#context.timers.elapsed();
    try {
      await this.#consume(stream);
    } catch {
      // It broke: what it has brought until then counts.
    } finally {
      stream.close();
    }
    this.#shortStreams = this.#context.timers.elapsed() - openedAt < SILENCE_MS ? this.#shortStreams + 1 : 0;
    const fruitful = this.#lastEventId !== eventIdBefore;
    this.#barrenStreams = fruitful ? 0 : this.#barrenStreams + 1;
    if (this.#barrenStreams >= MAX_BARREN_STREAMS) this.#streaming = false;
    return fruitful;
  }

  /** Opening cannot be aborted: one that arrives too late is closed then. */
  async #open(): Promise<StatusStream | undefined> {
    const open = (): Promise<StatusStream> =>
      this.#job.backend.stream?.(this.#job.id ?? '', this.#lastEventId) ??
      Promise.reject(new Error('There is no stream.'));
    this.#context.debug(() => `${this.#job.name ?? ''}: opens a stream`);
    const { answer, forget } = hold(open, this.#context);
    try {
      const stream = await this.#unlessHurried(answer, OPEN_TIMEOUT_MS);
      const close = (): void => {
        forget();
        stream.close();
      };
      return { next: () => stream.next(), close };
    } catch (error) {
      void answer.then((stream) => stream.close()).catch(() => undefined);
      this.#streamRefused(failureOf(error));
      return undefined;
    }
  }

  /** Polls from now on where the server has no stream for us; starts from the beginning where it does not know the place. */
  #streamRefused(failure: CallFailure): void {
    const { status, error } = failure;
    this.#pace.heed(failure);
    this.#context.debug(() => `${this.#job.name ?? ''}: stream failed: ${error.message}`);
    this.#barrenStreams++;
    const refused = status === undefined ? error.code === undefined : status < 500 && status !== 429;
    if (status === 400 && this.#lastEventId !== undefined) this.#lastEventId = undefined;
    else if (refused || this.#barrenStreams >= MAX_BARREN_STREAMS) this.#streaming = false;
  }

  /** Takes events until the server ends the stream: without a terminal event, it has been cut. So has one that tells an error. */
  async #consume(stream: StatusStream): Promise<void> {
    for (let events = 0; !this.#isOver(); events++) {
      const event = await this.#nextOf(stream);
      if (event === undefined) return;
      if (event.understood) this.#failedAtMs = undefined;
      if (event.eventId !== undefined) this.#lastEventId = event.eventId;
      if (event.status !== undefined) await this.#observe(event.status, true);
      if (event.readAgain === true || this.#job.needsOutput) await this.#read();
      if (event.readAgain === true) return;
      this.#streaming = events < MAX_EVENTS;
      if (!this.#streaming) return;
      // Events come, and none of them says how the job stands.
      if (this.#context.timers.elapsed() - this.#lastGoodAt >= SILENCE_MS && !(await this.#read())) return;
    }
  }

  /** The next event. While the stream is silent the status is read beside it; if that fails too, it counts as cut. */
  async #nextOf(stream: StatusStream): Promise<StatusEvent | undefined> {
    const next = stream.next();
    for (;;) {
      try {
        return await this.#nextUnlessSilent(next);
      } catch (error) {
        if (!(error instanceof NoAnswerError) || this.#isOver()) throw error;
      }
      // After a cancel a read that fails says nothing about the stream, which may bring the end.
      if (!(await this.#read()) && !this.#job.isHurried) return undefined;
    }
  }

  /** Rejects with `NoAnswerError` when the status has to be read: after a silence, a hint, and soon after a cancel. */
  #nextUnlessSilent(next: Promise<StatusEvent | undefined>): Promise<StatusEvent | undefined> {
    return this.#job.isHurried
      ? this.#awake.within(next, this.#hurriedPauseMs(), this.#job.over, this.#job.cancelOver)
      : this.#awake.within(next, SILENCE_MS, ...this.#job.wakes, this.#job.hinted);
  }

  async #read(): Promise<boolean> {
    const leave = await this.#context.crowd.enterRead();
    const wasHurried = this.#job.isHurried;
    const timeoutMs = wasHurried ? HURRIED_READ_TIMEOUT_MS : READ_TIMEOUT_MS;
    const sentAtMs = this.#awake.ms;
    try {
      if (this.#isOver()) return false;
      this.#job.hinted.reset();
      this.#context.debug(() => `${this.#job.name ?? ''}: reads the status`);
      const reading = this.#job.backend.read(this.#job.id ?? '', timeoutMs, this.#job.indices);
      await this.#observe(await this.#answerOf(reading, timeoutMs));
      this.#failedReads = 0;
      this.#failedAtMs = undefined;
      return true;
    } catch (error) {
      // A cancel came meanwhile, and wants a read of its own.
      if (wasHurried !== this.#job.isHurried) return false;
      this.#failedReads++;
      this.#failedAtMs ??= sentAtMs;
      const failure = failureOf(error);
      this.#pace.heed(failure);
      this.#context.debug(() => `${this.#job.name ?? ''}: read failed: ${failure.message}`);
      if (failure.status === 404) this.#job.take({ type: 'read-denied' });
      this.#warnOnce(failure);
      // Reads have been seen refused while the stream was not: try that again.
      if (failure.status !== undefined) {
        this.#streaming = this.#canStream;
        this.#barrenStreams = 0;
      }
      return false;
    } finally {
      leave();
    }
  }

  /** Waits for a read, after a cancel a moment longer: the next one must not be sent beside it unless it hangs. */
  async #answerOf(reading: Promise<JobStatus>, timeoutMs: number): Promise<JobStatus> {
    const wasHurried = this.#job.isHurried;
    try {
      return await this.#unlessHurried(reading, timeoutMs);
    } catch (error) {
      if (!(error instanceof NoAnswerError) || wasHurried === this.#job.isHurried) throw error;
      return this.#awake.within(reading, STALE_READ_MS, this.#job.over);
    }
  }

  /** Waits for an answer. A cancel ends the wait, so that nothing that hangs holds it up; then the time is short. */
  #unlessHurried<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
    const delayMs = this.#job.isHurried ? Math.min(timeoutMs, HURRIED_READ_TIMEOUT_MS) : timeoutMs;
    return this.#awake.within(answer, delayMs, ...this.#job.wakes);
  }

  /** Warns long before `limits.watchMs` that the server denies the name or the read. After a cancel the report says it. */
  #warnOnce({ error }: CallFailure): void {
    const { name = 'The job', denial, hurried } = this.#job;
    const code = denial === undefined ? 'status-unreadable' : 'job-denied';
    if (this.#failedReads < WARN_AFTER_READS || hurried.aborted) return;
    if (this.#warned === code || this.#warned === 'job-denied') return;
    this.#warned = code;
    const message = denial ?? `${name}: its status cannot be read (${error.message}).`;
    this.#context.warn(code, `${message} The library keeps trying.`);
  }

  /** After a sleep longer than the lease somebody else may have the operation: then it is theirs to deliver. */
  async #observe(status: JobStatus, isEvent = false): Promise<void> {
    const check = this.#context.recorder?.check();
    if (check !== undefined) await check;
    this.#lastGoodAt = this.#context.timers.elapsed();
    if (this.#completedAtMs === undefined) this.#pace.learn(status.phase === 'succeeded', isEvent);
    this.#job.observe(status, this.#context.timers.now());
    if (!this.#job.needsOutput) return;
    this.#completedAtMs ??= this.#awake.ms;
    if (this.#awake.ms - this.#completedAtMs < this.#context.settings.limits.watchMs) return;
    // Its images cannot be fetched: it stays where it is.
    this.#job.finish(unreadableEnd(this.#job.facts.status));
  }
}
