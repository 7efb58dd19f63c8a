import { rpcCode } from '../errors.js';
import type { FaultOf } from '../faults.js';
import type { ImageTag } from '../image.js';
import { failureOf } from '../interaction-resource.js';
import { Job, type JobSpec } from '../job.js';
import type { JsonObject } from '../json.js';
import type { ItemCounts } from '../meter.js';
import type { WorkContext } from '../work.js';

/** One request of a batch. */
export interface ItemSpec {
  /** The line of the file, or the inlined request, as it came. */
  readonly source: JsonObject;
  /** The wanted image; a string says why it cannot be made, and fails the item at no cost. */
  readonly request: Pick<JobSpec, 'image' | 'seed'> | string;
}

/** The surroundings of an item. Its meter is that of the batch alone: items are no jobs of the emulator. */
export interface ItemContext extends WorkContext {
  readonly model: string;
  readonly tag: ImageTag;
}

export type ItemState = 'waiting' | 'running' | 'completed' | 'failed' | 'cancelled';

/** A google.rpc.Status. */
export interface RpcStatus {
  readonly code: number;
  readonly message: string;
}

/** One image of a batch: it costs what a job of its own would. */
export class BatchItem {
  readonly spec: ItemSpec;
  readonly outcome: FaultOf<'refuse' | 'fail'> | undefined;
  state: ItemState = 'waiting';
  endedAt: number | undefined;
  #job: Job | undefined;

  constructor(spec: ItemSpec, outcome: FaultOf<'refuse' | 'fail'> | undefined) {
    this.spec = spec;
    this.outcome = outcome;
  }

  /** The work, once it has begun. */
  get job(): Job | undefined {
    return this.#job;
  }

  get gpuMs(): number {
    return this.#job?.record.gpuMs ?? 0;
  }

  get ended(): boolean {
    return this.state !== 'waiting' && this.state !== 'running';
  }

  /** The error of an item that has no answer. */
  get error(): RpcStatus | undefined {
    if (this.state === 'cancelled') return { code: 1, message: 'The operation was cancelled.' };
    if (this.state !== 'failed') return undefined;
    const { request } = this.spec;
    if (typeof request === 'string') return { code: 3, message: request };
    const { code, message } = failureOf({ outcome: this.outcome }, 'internal');
    return { code: rpcCode(code), message };
  }

  /** Begins the work; `onEnd` is called when it is done, and not when there was nothing to do. */
  start(context: ItemContext, onEnd: () => void): void {
    const { request } = this.spec;
    if (typeof request === 'string') {
      this.#end('failed', context.clock.now());
      return;
    }
    const { clock, model, tag } = context;
    const spec: JobSpec = { ...request, kind: 'batch', model, tag, origin: '' };
    const job = new Job(spec, { ...context, queueMs: 0, outcome: this.outcome, asUri: false });
    this.#job = job;
    this.state = 'running';
    job.onChange(() => {
      if (!job.ended || this.ended) return;
      this.#end(job.record.status === 'failed' ? 'failed' : 'completed', clock.now());
      onEnd();
    });
  }

  /** Stops the work where it is. What it has cost stays. */
  cancel(now: number): void {
    if (this.ended) return;
    this.#end('cancelled', now);
    this.#job?.cancel(0);
  }

  /** Drops the timers: the emulator is reset. */
  dispose(): void {
    this.#job?.dispose();
  }

  #end(state: ItemState, now: number): void {
    this.state = state;
    this.endedAt = now;
  }
}

export function countItems(items: readonly BatchItem[]): ItemCounts {
  const count = (state: ItemState): number => items.filter((item) => item.state === state).length;
  return { total: items.length, completed: count('completed'), cancelled: count('cancelled'), failed: count('failed') };
}
