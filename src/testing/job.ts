import { Latch } from '../util/latch.js';
import type { Timers } from '../util/timers.js';
import type { FaultOf } from './faults.js';
import { makeImage, type Image, type ImageTag, type ImageType } from './image.js';
import type { JsonObject } from './json.js';
import type { EndReason, JobKind, JobRecord, MeterBook } from './meter.js';
import type { Settings, WebhookTarget } from './settings.js';

export interface WorkContext {
  readonly settings: Settings;
  readonly meter: MeterBook;
  readonly timers: Timers;
}

type Start = Pick<JobRecord, 'name' | 'kind' | 'model' | 'workMs' | 'status'> & Partial<JobRecord>;

/** The common part of jobs and batches: a record in the meter, timers, and how a cancel comes. */
export abstract class Work {
  readonly record: JobRecord;
  /** Whether a cancel has been sent, heeded or not. */
  cancelSent = false;
  updatedAt: number;
  readonly context: WorkContext;
  /** The change of the record while a cancel that comes late has no effect yet. */
  protected cancelling: Partial<JobRecord> = {};
  /** The time on the GPU, by a clock that no change of the wall clock touches. */
  protected readonly gpu: { from?: number; until?: number } = {};
  /** Aborts when it has ended. */
  readonly over = new Latch();
  /** Drops its timers. */
  readonly #dropped = new Latch();

  constructor(start: Start, context: WorkContext, gpuMs = (): number => this.#gpuMs()) {
    const { meter, timers } = context;
    this.context = context;
    this.updatedAt = timers.now();
    this.record = {
      index: meter.jobs.length,
      createdAt: this.updatedAt,
      startedAt: undefined,
      endedAt: undefined,
      endReason: undefined,
      cancelRequestedAt: undefined,
      deleted: false,
      clientGoneAt: undefined,
      ...start,
      // Own and enumerable, so that it shows in assertions and in JSON.
      get gpuMs() {
        return gpuMs();
      },
    };
    meter.change(() => meter.jobs.push(this.record));
  }

  get ended(): boolean {
    return this.record.endedAt !== undefined;
  }

  update(fields: Partial<JobRecord>): void {
    this.context.meter.change(() => Object.assign(this.record, fields));
  }

  /** Stops the work `lagMs` from now. Work that is done in the meantime has won the race. */
  cancel(lagMs: number): void {
    if (this.ended || this.record.cancelRequestedAt !== undefined) return;
    this.update({ cancelRequestedAt: this.now, ...(lagMs > 0 && this.cancelling) });
    this.soon(lagMs, () => this.stop());
  }

  dispose(): void {
    this.#dropped.abort();
  }

  protected abstract stop(): void;

  protected get now(): number {
    return this.context.timers.now();
  }

  protected after(ms: number, callback: () => void): void {
    this.#dropped.on(this.context.timers.after(ms, callback));
  }

  protected soon(ms: number, callback: () => void): void {
    if (ms === 0) callback();
    else this.after(ms, callback);
  }

  #gpuMs(): number {
    const { until = this.context.timers.elapsed(), from = until } = this.gpu;
    return Math.round(until - from);
  }
}

export interface JobSpec {
  readonly kind: JobKind;
  /** Without the `interactions/`; undefined for jobs without a name. */
  readonly id?: string;
  readonly model: string;
  readonly image: { readonly prompt: string; readonly mimeType: ImageType; readonly imageSize?: string | undefined };
  readonly seed?: number | undefined;
  /** Number of this image among those of one request. @default 0 */
  readonly sample?: number;
  /** The tag in the picture. @default the name, or the kind and the index, of the job, and the sample */
  readonly tag?: ImageTag;
  /** The host of the request, for the address of an image that is delivered as a uri. */
  readonly origin: string;
  readonly asUri?: boolean;
  // Of interactions only:
  readonly isAgent?: boolean;
  /** The contents of the input, as they came. */
  readonly input?: readonly JsonObject[];
  readonly webhook?: WebhookTarget | undefined;
  /** One that is not stored has no id, and cannot be read. */
  readonly isStored?: boolean;
  readonly previous?: string | undefined;
  readonly serviceTier?: string;
}

/** Statuses after which a job does nothing more; an `end` fault with another one never ends by itself. */
const FINAL = 'completed failed cancelled incomplete budget_exceeded requires_action requires_continuation'.split(' ');

export class Job extends Work {
  readonly spec: JobSpec;
  /** The end that a fault plans; without one it completes with an image. */
  readonly outcome: FaultOf<'refuse' | 'fail' | 'end'> | undefined;
  /** Statuses so far, the first being `queued` or, without a queue, `in_progress`. */
  readonly history: string[];
  readonly #listeners = new Set<() => void>();
  #image: Image | undefined;

  constructor(spec: JobSpec, context: WorkContext, outcome: Job['outcome'], queueMs: number) {
    const { kind, model, id } = spec;
    const { timers, settings } = context;
    const name = id === undefined ? undefined : `interactions/${id}`;
    const begun = queueMs === 0 ? { status: 'in_progress', startedAt: timers.now() } : { status: 'queued' };
    super({ name, kind, model, workMs: settings.workMs, ...begun }, context);
    this.spec = spec;
    this.outcome = outcome;
    this.history = [begun.status];
    this.soon(queueMs, () => this.#work());
  }

  get image(): Image | undefined {
    if (this.record.endReason !== 'completed') return undefined;
    const { image, kind, sample: index = 0, tag } = this.spec;
    const job = this.record.name ?? `${kind}/${this.record.index}`;
    return (this.#image ??= makeImage(image.mimeType, tag ?? { job, index }));
  }

  /** The signature of the thoughts: opaque, and its own. */
  get signature(): string {
    const length = this.context.settings.thoughtSignatureLength;
    const own = btoa(`thought of ${this.spec.id ?? `${this.spec.model} ${this.record.index}`}`).replace(/=+$/, '');
    return own.repeat(Math.ceil(length / own.length)).slice(0, length);
  }

  /** Calls back on every change of status; the function returned takes that back. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ends the job so many ms from now, unless it has ended by then. */
  limit(ms: number): void {
    // Work that is done in the same millisecond is done in time.
    this.after(ms, () => this.after(0, () => this.#end('deadline_exceeded', 'deadline')));
  }

  protected override stop(): void {
    this.#end('cancelled', 'cancelled');
  }

  #work(): void {
    this.gpu.from = this.context.timers.elapsed();
    if (this.record.startedAt === undefined) this.#become('in_progress', { startedAt: this.now });
    this.after(this.record.workMs, () => this.#finish());
  }

  #finish(): void {
    const { outcome } = this;
    if (outcome === undefined) this.#end('completed', 'completed');
    else if (outcome.kind === 'refuse') this.#end('completed', 'refused');
    else if (outcome.kind === 'fail') this.#end('failed', 'failed');
    else if (FINAL.includes(outcome.status)) this.#end(outcome.status, endReason(outcome.status));
    else {
      this.#become(outcome.status);
      if (outcome.lastsMs !== undefined) this.after(outcome.lastsMs, () => this.#end('completed', 'completed'));
    }
  }

  #end(status: string, reason: EndReason): void {
    this.dispose();
    this.gpu.until = this.context.timers.elapsed();
    this.#become(status, { endedAt: this.now, endReason: reason });
    this.over.abort();
  }

  #become(status: string, fields: Partial<JobRecord> = {}): void {
    this.history.push(status);
    this.updatedAt = this.now;
    this.update({ ...fields, status });
    for (const listener of [...this.#listeners]) listener();
  }
}

function endReason(status: string): EndReason {
  return status === 'completed' || status === 'failed' || status === 'cancelled' ? status : 'ended';
}
