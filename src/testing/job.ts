import type { Clock, ClockTimer } from '../util/clock.js';
import type { FaultOf } from './faults.js';
import { makeImage, type Image, type ImageTag, type ImageType } from './image.js';
import { newRecord } from './job-record.js';
import type { EndReason, JobKind, JobRecord, MeterBook, Mutable } from './meter.js';

/** What a request says of the image that it wants. */
export interface ImageRequest {
  readonly prompt: string;
  readonly mimeType: ImageType;
  readonly aspectRatio?: string | undefined;
  readonly imageSize?: string | undefined;
}

/** What is asked of a job. */
export interface JobSpec {
  readonly kind: JobKind;
  /** Without the `interactions/`; undefined for jobs without a name. */
  readonly id?: string;
  readonly model: string;
  /** `agent` when the request named an agent instead of a model. */
  readonly agent?: boolean;
  readonly image: ImageRequest;
  readonly seed?: number | undefined;
  /** Number of this image among those of one request. @default 0 */
  readonly sample?: number;
  /** What the picture says of itself. @default the name, or the kind and the index, of the job, and the sample */
  readonly tag?: ImageTag;
  /** Where the request went, for the address of an image that is delivered as a uri. */
  readonly origin: string;
}

/** How a job will end; without a fault it completes with an image. */
export type Outcome = FaultOf<'refuse' | 'fail' | 'end'> | undefined;

/** A status that the job took, and when. */
export interface StatusChange {
  readonly status: string;
  readonly at: number;
}

export interface JobContext {
  readonly clock: Clock;
  readonly meter: MeterBook;
  readonly queueMs: number;
  readonly workMs: number;
  readonly outcome: Outcome;
  /** Deliver the image as a uri. */
  readonly asUri: boolean;
}

/** Statuses after which a job does nothing more; an `end` fault with another one never ends by itself. */
const FINAL = 'completed failed cancelled incomplete budget_exceeded requires_action requires_continuation'.split(' ');

/** One job: its time in the queue, its time on the GPU, and how it ends. */
export class Job {
  readonly spec: JobSpec;
  readonly record: JobRecord;
  readonly outcome: Outcome;
  readonly asUri: boolean;
  /** Statuses so far, the first being `queued`. */
  readonly history: StatusChange[] = [];
  readonly #state: Mutable<JobRecord>;
  readonly #context: JobContext;
  readonly #listeners = new Set<() => void>();
  readonly #timers = new Set<ClockTimer>();
  #image: Image | undefined;

  constructor(spec: JobSpec, context: JobContext) {
    this.spec = spec;
    this.outcome = context.outcome;
    this.asUri = context.asUri;
    this.#context = context;
    this.#state = newRecord(spec, context);
    this.record = this.#state;
    this.history.push({ status: 'queued', at: this.#state.createdAt });
    context.meter.change(() => context.meter.jobs.push(this.#state));
    if (context.queueMs === 0) this.#start();
    else this.#after(context.queueMs, () => this.#start());
  }

  get ended(): boolean {
    return this.#state.endedAt !== undefined;
  }

  /** The picture, once there is one. */
  get image(): Image | undefined {
    if (this.#state.endReason !== 'completed') return undefined;
    const { image, kind, sample: index = 0, tag } = this.spec;
    const job = this.#state.name ?? `${kind}/${this.#state.index}`;
    return (this.#image ??= makeImage(image.mimeType, tag ?? { job, index }));
  }

  /** Calls back on every change of status; the function returned takes that back. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when the job has ended. */
  whenEnded(): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!this.ended) return;
        stop();
        resolve();
      };
      const stop = this.onChange(look);
      look();
    });
  }

  /** Stops the job `lagMs` from now. A job that completes in the meantime has won the race. */
  cancel(lagMs: number): void {
    if (this.ended || this.#state.cancelRequestedAt !== undefined) return;
    this.#context.meter.change(() => void (this.#state.cancelRequestedAt = this.#context.clock.now()));
    if (lagMs === 0) this.#end('cancelled', 'cancelled');
    else this.#after(lagMs, () => this.#end('cancelled', 'cancelled'));
  }

  /** Ends the job so many ms from now, unless it has ended by then. */
  limit(ms: number): void {
    // Work that is done in the same millisecond is done in time.
    this.#after(ms, () => this.#after(0, () => this.#end('deadline_exceeded', 'deadline')));
  }

  markDeleted(): void {
    this.#context.meter.change(() => void (this.#state.deleted = true));
  }

  markClientGone(): void {
    this.#context.meter.change(() => void (this.#state.clientGoneAt = this.#context.clock.now()));
  }

  /** Drops the timers: the emulator is reset. */
  dispose(): void {
    for (const timer of this.#timers) this.#context.clock.clearTimeout(timer);
    this.#timers.clear();
  }

  #start(): void {
    this.#become('in_progress', () => void (this.#state.startedAt = this.#context.clock.now()));
    this.#after(this.#state.workMs, () => this.#finish());
  }

  #finish(): void {
    const { outcome } = this;
    if (outcome === undefined) this.#end('completed', 'completed');
    else if (outcome.kind === 'refuse') this.#end('completed', 'refused');
    else if (outcome.kind === 'fail') this.#end('failed', 'failed');
    else if (FINAL.includes(outcome.status)) this.#end(outcome.status, endReason(outcome.status));
    else this.#linger(outcome);
  }

  #linger({ status, lastsMs }: FaultOf<'end'>): void {
    this.#become(status);
    if (lastsMs !== undefined) this.#after(lastsMs, () => this.#end('completed', 'completed'));
  }

  #end(status: string, reason: EndReason): void {
    this.dispose();
    this.#become(status, () => {
      this.#state.endedAt = this.#context.clock.now();
      this.#state.endReason = reason;
    });
  }

  #become(status: string, apply?: () => void): void {
    this.history.push({ status, at: this.#context.clock.now() });
    this.#context.meter.change(() => {
      apply?.();
      this.#state.status = status;
    });
    for (const listener of [...this.#listeners]) listener();
  }

  #after(ms: number, callback: () => void): void {
    const timer = this.#context.clock.setTimeout(() => {
      this.#timers.delete(timer);
      callback();
    }, ms);
    this.#timers.add(timer);
  }
}

function endReason(status: string): EndReason {
  return status === 'completed' || status === 'failed' || status === 'cancelled' ? status : 'ended';
}
