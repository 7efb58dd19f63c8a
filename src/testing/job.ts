import type { FaultOf } from './faults.js';
import { makeImage, type Image, type ImageTag, type ImageType } from './image.js';
import type { JsonObject } from './json.js';
import type { EndReason, JobKind, JobRecord } from './meter.js';
import { Work, type WorkContext } from './work.js';

/** The image that a request asks for. */
export interface ImageRequest {
  readonly prompt: string;
  readonly mimeType: ImageType;
  readonly aspectRatio?: string | undefined;
  readonly imageSize?: string | undefined;
}

/** The parts of a request that only interactions have. */
export interface InteractionSpec {
  /** The request named an agent instead of a model. */
  readonly isAgent: boolean;
  /** The contents of the input, as they came. */
  readonly input: readonly JsonObject[];
  /** One that is not stored has no id, and cannot be read. */
  readonly isStored: boolean;
  /** The id of the interaction that it goes on from. */
  readonly previous: string | undefined;
  readonly serviceTier: string;
}

/** The request for a job. */
export interface JobSpec {
  readonly kind: JobKind;
  /** Without the `interactions/`; undefined for jobs without a name. */
  readonly id?: string;
  readonly interaction?: InteractionSpec;
  readonly model: string;
  readonly image: ImageRequest;
  readonly seed?: number | undefined;
  /** Number of this image among those of one request. @default 0 */
  readonly sample?: number;
  /** The tag in the picture. @default the name, or the kind and the index, of the job, and the sample */
  readonly tag?: ImageTag;
  /** Where the request went, for the address of an image that is delivered as a uri. */
  readonly origin: string;
}

/** The end that a fault plans for a job; without one it completes with an image. */
export type Outcome = FaultOf<'refuse' | 'fail' | 'end'> | undefined;

export interface JobContext extends WorkContext {
  readonly outcome: Outcome;
  /** Deliver the image as a uri. */
  readonly asUri: boolean;
}

/** Statuses after which a job does nothing more; an `end` fault with another one never ends by itself. */
const FINAL = 'completed failed cancelled incomplete budget_exceeded requires_action requires_continuation'.split(' ');

/** One job: its time in the queue, its time on the GPU, and how it ends. */
export class Job extends Work {
  readonly spec: JobSpec;
  readonly outcome: Outcome;
  readonly asUri: boolean;
  /** Statuses so far, the first being `queued` or, without a queue, `in_progress`. */
  readonly history: { readonly status: string; readonly at: number }[] = [];
  readonly #signatureLength: number;
  readonly #listeners = new Set<() => void>();
  #image: Image | undefined;

  constructor(spec: JobSpec, context: JobContext) {
    const { kind, model, id } = spec;
    const { clock, queueMs, workMs } = context;
    const name = id === undefined ? undefined : `interactions/${id}`;
    const begun = queueMs === 0 ? { status: 'in_progress', startedAt: clock.now() } : { status: 'queued' };
    const gpuMs = ({ startedAt, endedAt = clock.now() }: JobRecord): number => endedAt - (startedAt ?? endedAt);
    super({ name, kind, model, workMs, ...begun }, gpuMs, context);
    this.spec = spec;
    this.outcome = context.outcome;
    this.asUri = context.asUri;
    this.#signatureLength = context.signatureLength;
    this.history.push({ status: begun.status, at: this.state.createdAt });
    if (queueMs === 0) this.#work();
    else this.after(queueMs, () => this.#start());
  }

  /** The picture, once there is one. */
  get image(): Image | undefined {
    if (this.state.endReason !== 'completed') return undefined;
    const { image, kind, sample: index = 0, tag } = this.spec;
    const job = this.state.name ?? `${kind}/${this.state.index}`;
    return (this.#image ??= makeImage(image.mimeType, tag ?? { job, index }));
  }

  /** The signature of the thoughts: opaque, and its own. */
  get signature(): string {
    const length = this.#signatureLength;
    const own = btoa(`thought of ${this.spec.id ?? `${this.spec.model} ${this.state.index}`}`).replace(/=+$/, '');
    return own.repeat(Math.ceil(length / own.length)).slice(0, length);
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
    if (this.ended || this.state.cancelRequestedAt !== undefined) return;
    this.change(() => void (this.state.cancelRequestedAt = this.clock.now()));
    if (lagMs === 0) this.#end('cancelled', 'cancelled');
    else this.after(lagMs, () => this.#end('cancelled', 'cancelled'));
  }

  /** Ends the job so many ms from now, unless it has ended by then. */
  limit(ms: number): void {
    // Work that is done in the same millisecond is done in time.
    this.after(ms, () => this.after(0, () => this.#end('deadline_exceeded', 'deadline')));
  }

  markClientGone(): void {
    this.change(() => void (this.state.clientGoneAt = this.clock.now()));
  }

  #start(): void {
    this.#become('in_progress', () => void (this.state.startedAt = this.clock.now()));
    this.#work();
  }

  #work(): void {
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
    this.#become(status, () => {
      this.state.endedAt = this.clock.now();
      this.state.endReason = reason;
    });
  }

  #become(status: string, apply?: () => void): void {
    this.history.push({ status, at: this.clock.now() });
    this.change(() => {
      apply?.();
      this.state.status = status;
    });
    for (const listener of [...this.#listeners]) listener();
  }
}

function endReason(status: string): EndReason {
  return status === 'completed' || status === 'failed' || status === 'cancelled' ? status : 'ended';
}
