import { Latch } from '../util/latch.js';
import type { FaultOf } from './faults.js';
import { makeImage, type Image, type ImageTag, type ImageType } from './image.js';
import type { JsonObject } from './json.js';
import type { EndReason, JobKind, JobRecord } from './meter.js';
import { Work, type WorkContext } from './work.js';

export interface ImageRequest {
  readonly prompt: string;
  readonly mimeType: ImageType;
  readonly imageSize?: string | undefined;
}

export interface JobSpec {
  readonly kind: JobKind;
  /** Without the `interactions/`; undefined for jobs without a name. */
  readonly id?: string;
  readonly model: string;
  readonly image: ImageRequest;
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
  /** One that is not stored has no id, and cannot be read. */
  readonly isStored?: boolean;
  readonly previous?: string | undefined;
  readonly serviceTier?: string;
}

/** Statuses after which a job does nothing more; an `end` fault with another one never ends by itself. */
const FINAL = 'completed failed cancelled incomplete budget_exceeded requires_action requires_continuation'.split(' ');

/** The time on the GPU, by a clock that no change of the wall clock touches. */
interface GpuTime {
  from?: number;
  until?: number;
}

/** One job: its time in the queue, its time on the GPU, and how it ends. */
export class Job extends Work {
  readonly spec: JobSpec;
  /** The end that a fault plans; without one it completes with an image. */
  readonly outcome: FaultOf<'refuse' | 'fail' | 'end'> | undefined;
  readonly over = new Latch();
  /** Statuses so far, the first being `queued` or, without a queue, `in_progress`. */
  readonly history: string[];
  readonly #gpu: GpuTime;
  readonly #listeners = new Set<() => void>();
  #image: Image | undefined;

  constructor(spec: JobSpec, context: WorkContext, outcome: Job['outcome'], queueMs: number) {
    const { kind, model, id } = spec;
    const { timers, settings } = context;
    const gpu: GpuTime = {};
    const name = id === undefined ? undefined : `interactions/${id}`;
    const begun = queueMs === 0 ? { status: 'in_progress', startedAt: timers.now() } : { status: 'queued' };
    const gpuMs = (): number => {
      const { until = timers.elapsed(), from = until } = gpu;
      return Math.round(until - from);
    };
    super({ name, kind, model, workMs: settings.workMs, ...begun }, gpuMs, context);
    this.#gpu = gpu;
    this.spec = spec;
    this.outcome = outcome;
    this.history = [begun.status];
    this.soon(queueMs, () => this.#work());
  }

  get image(): Image | undefined {
    if (this.state.endReason !== 'completed') return undefined;
    const { image, kind, sample: index = 0, tag } = this.spec;
    const job = this.state.name ?? `${kind}/${this.state.index}`;
    return (this.#image ??= makeImage(image.mimeType, tag ?? { job, index }));
  }

  /** The signature of the thoughts: opaque, and its own. */
  get signature(): string {
    const length = this.context.settings.thoughtSignatureLength;
    const own = btoa(`thought of ${this.spec.id ?? `${this.spec.model} ${this.state.index}`}`).replace(/=+$/, '');
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
    this.#gpu.from = this.context.timers.elapsed();
    if (this.state.startedAt === undefined) this.#become('in_progress', { startedAt: this.now });
    this.after(this.state.workMs, () => this.#finish());
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
    if (lastsMs !== undefined) this.after(lastsMs, () => this.#end('completed', 'completed'));
  }

  #end(status: string, reason: EndReason): void {
    this.dispose();
    this.#gpu.until = this.context.timers.elapsed();
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
