import { entriesOf, type ResponseEntry } from './response.js';
import { endWarningsOf } from './warnings.js';
import type { OperationState, WarningCode } from '../api/events.js';
import type { Job } from './job/job.js';
import { liveStateOf } from './settlement.js';
import type { Logger } from '../api/options.js';
import type { Deliveries } from './deliveries.js';
import type { OperationParts } from './parts.js';

type PublisherParts = Pick<OperationParts, 'channel' | 'timers' | 'jobs' | 'settings' | 'debug'>;

/** Tells what becomes of an operation's jobs, in the order in which it is worth knowing. */
export class Publisher {
  readonly #parts: PublisherParts;
  readonly #deliveries: Pick<Deliveries, 'add'>;
  readonly #startedAt: number;
  #state: OperationState = 'submitting';
  /** The creates that may be sent at first were answered, given up or passed to the transport. */
  #isDecided = false;
  readonly #submitted = new Set<Job>();
  #completed = 0;

  /** `deliveries` take each new image before the listeners do. */
  constructor(parts: PublisherParts, deliveries: Pick<Deliveries, 'add'>) {
    this.#parts = parts;
    this.#deliveries = deliveries;
    this.#startedAt = parts.timers.elapsed();
  }

  get state(): OperationState {
    return this.#state;
  }

  setState(to: OperationState): void {
    const from = this.#state;
    if (from === to) return;
    this.#state = to;
    this.#parts.debug(() => `state ${from} → ${to}`);
    this.#parts.channel.emit('state', { at: this.#parts.timers.now(), from, to });
  }

  /** Publishes the names that are new, once the first creates are decided. Returns whether there were any. */
  publishSubmitted(): boolean {
    const jobs = this.#parts.jobs();
    this.#isDecided ||= !jobs.some(({ isAwaited }) => isAwaited);
    const fresh = jobs.filter((job) => job.isAccepted && !this.#submitted.has(job));
    if (!this.#isDecided || fresh.length === 0) return false;
    for (const job of fresh) this.#submitted.add(job);
    this.#parts.channel.emit('submitted', { at: this.#parts.timers.now(), jobs: jobs.map((job) => job.snapshot()) });
    return true;
  }

  /** Tells of a job that has changed: what it has made first, so that it is there when the state says so. */
  publish(job: Job, isStopped: boolean): void {
    if (job.end !== undefined) this.#publishEnd(job);
    else if (job.progress.completed > this.#completed) this.#publishProgress();
    const isLive = this.#parts.jobs().some(({ end }) => end === undefined);
    if (!isStopped && isLive && this.#isDecided) this.setState(liveStateOf(this.#parts.jobs()));
  }

  /** Gives each image to `onImage` first, then to the listeners. */
  publishImages(job: Job, entries: readonly ResponseEntry[]): void {
    const at = this.#parts.timers.now();
    for (const { index, entry } of entries) {
      if (entry.image === undefined) continue;
      this.#deliveries.add(job, index, entry.image);
      this.#parts.channel.emit('image', { at, index, image: entry.image });
    }
  }

  /** Tells listeners; a warning that nobody listens for must not be lost. */
  warn(code: WarningCode, message: string, isNews = (): boolean => true): void {
    this.#parts.debug(() => `warning ${code}: ${message}`);
    if (this.#parts.channel.hasListeners('warning')) {
      this.#parts.channel.emit('warning', { at: this.#parts.timers.now(), code, message });
    } else if (isNews()) {
      log(message, this.#parts.settings.logger);
    }
  }

  #publishEnd(job: Job): void {
    if (job.end?.kind === 'completed') {
      this.publishImages(job, entriesOf(job.indices, job.end.outputs));
      this.#publishProgress();
      for (const { code, message } of endWarningsOf(job)) this.warn(code, message);
    }
    const { error } = job.snapshot();
    if (error !== undefined && this.#parts.jobs().length > 1)
      this.warn('job-failed', `Image ${job.index}: ${error.message}`);
  }

  #publishProgress(): void {
    const progress = this.#parts.jobs().map((job) => job.progress);
    const completed = progress.reduce((sum, job) => sum + job.completed, 0);
    const total = progress.reduce((sum, job) => sum + job.total, 0);
    const { channel, timers } = this.#parts;
    this.#completed = completed;
    channel.emit('progress', { at: timers.now(), completed, total, elapsedMs: timers.elapsed() - this.#startedAt });
  }
}

/** Ignores what the logger throws, as the console of Deno does once its terminal is gone: the operation matters more. */
export function log(message: string, logger: Logger | undefined): void {
  try {
    if (logger !== undefined) logger.warn(message);
    // eslint-disable-next-line no-console -- nobody else is there to be told
    else console.warn(`genai-cancel: ${message}`);
  } catch {
    // See above.
  }
}
