import { rpcCode } from './errors.js';
import { takeFaults, type FaultTarget } from './fault-book.js';
import type { FaultOf } from './faults.js';
import type { ImageTag } from './image.js';
import { failureOf } from './job-resource.js';
import { Job, type JobSpec } from './job.js';
import type { JsonObject } from './json.js';
import { MeterBook, type EndReason, type ItemCounts, type JobRecord } from './meter.js';
import { Work, type WorkContext } from './work.js';

export interface ItemSpec {
  /** The line of the file, or the inlined request, as it came. */
  readonly source: JsonObject;
  /** The wanted image; a string says why it cannot be made, and fails the item at no cost. */
  readonly request: Pick<JobSpec, 'image' | 'seed'> | string;
}

interface RpcStatus {
  readonly code: number;
  readonly message: string;
}

/** One image of a batch: it costs what a job of its own would. */
export class BatchItem {
  readonly spec: ItemSpec;
  readonly outcome: FaultOf<'refuse' | 'fail'> | undefined;
  state: 'waiting' | 'running' | Exclude<keyof ItemCounts, 'total'> = 'waiting';
  endedAt: number | undefined;
  job: Job | undefined;

  constructor(spec: ItemSpec, outcome: FaultOf<'refuse' | 'fail'> | undefined) {
    this.spec = spec;
    this.outcome = outcome;
  }

  get error(): RpcStatus | undefined {
    if (this.state === 'cancelled') return { code: 1, message: 'The operation was cancelled.' };
    if (this.state !== 'failed') return undefined;
    const { request } = this.spec;
    if (typeof request === 'string') return { code: 3, message: request };
    const { code, message } = failureOf(this, 'internal');
    return { code: rpcCode(code), message };
  }

  /** Begins the work; `onEnd` is called when it is done, and not when there was nothing to do. */
  start(context: WorkContext, model: string, tag: ImageTag, onEnd: () => void): void {
    const { request } = this.spec;
    const { timers } = context;
    if (typeof request === 'string') {
      this.#end('failed', timers.now());
      return;
    }
    this.state = 'running';
    const job = new Job({ ...request, kind: 'batch', model, tag, origin: '' }, context, this.outcome, 0);
    this.job = job;
    job.over.addEventListener('abort', () => {
      if (this.endedAt !== undefined) return;
      this.#end(job.record.status === 'failed' ? 'failed' : 'completed', timers.now());
      onEnd();
    });
  }

  /** Stops the work where it is. Its cost stays. */
  cancel(now: number): void {
    if (this.endedAt !== undefined) return;
    this.#end('cancelled', now);
    this.job?.cancel(0);
  }

  #end(state: BatchItem['state'], now: number): void {
    this.state = state;
    this.endedAt = now;
  }
}

export function countItems(items: readonly BatchItem[]): ItemCounts {
  const count = (state: BatchItem['state']): number => items.filter((item) => item.state === state).length;
  return { total: items.length, completed: count('completed'), cancelled: count('cancelled'), failed: count('failed') };
}

export interface BatchSpec {
  readonly name: string;
  readonly model: string;
  readonly displayName: string | undefined;
  readonly items: readonly ItemSpec[];
  /** The host decides the names of states: `BATCH_STATE_…` in the Gemini API, `JOB_STATE_…` on Vertex. */
  readonly host: 'gemini' | 'vertex';
  /** Fields of the create that a resource on Vertex repeats. */
  readonly echo?: JsonObject;
  /** The reason why there are no items: the batch fails when it leaves the queue. */
  readonly unreadable?: RpcStatus | undefined;
  readonly onEnd?: (batch: Batch) => void;
}

const EXPIRY_MS = 48 * 3_600_000;
const FINAL = ['SUCCEEDED', 'PARTIALLY_SUCCEEDED', 'FAILED', 'CANCELLED', 'EXPIRED'];

/** One batch: its time in the queue, its items on the GPU one after another, and how it ends. */
export class Batch extends Work {
  readonly spec: BatchSpec;
  readonly items: readonly BatchItem[];
  /** The reason why the batch as a whole has no results. */
  error: RpcStatus | undefined;
  /** The place of the results: in the Gemini API a file, of a batch that was made from one; on Vertex a folder. */
  responsesFile: string | undefined;
  outputInfo: JsonObject | undefined;
  readonly #outcome: FaultOf<'fail' | 'end'> | undefined;
  /** The surroundings of the items. Their meter is that of the batch alone: they are no jobs of the emulator. */
  readonly #within: WorkContext;

  constructor(spec: BatchSpec, context: WorkContext, target: FaultTarget) {
    const { name, model, displayName } = spec;
    const { settings, timers } = context;
    const [outcome] = takeFaults(context, ['fail', 'end'], target);
    const [expiry] = takeFaults(context, ['expire'], target);
    const items = spec.items.map((one, item) => {
      const [itemOutcome] = takeFaults(context, ['refuse', 'fail'], { ...target, item });
      return new BatchItem(one, itemOutcome);
    });
    const workMs = settings.workMs * items.filter(({ spec: { request } }) => typeof request !== 'string').length;
    const status = stateName(spec.host, 'PENDING');
    const gpuMs = (): number => items.reduce((sum, { job }) => sum + (job?.record.gpuMs ?? 0), 0);
    super({ name, kind: 'batch', model, workMs, status, items: countItems(items), displayName }, gpuMs, context);
    this.spec = spec;
    this.items = items;
    this.#outcome = outcome;
    this.#within = { settings, timers, meter: new MeterBook() };
    if (spec.host === 'vertex') this.cancelling = { status: stateName('vertex', 'CANCELLING') };
    this.#queue(expiry);
  }

  get hasResults(): boolean {
    return this.ended && this.error === undefined;
  }

  override dispose(): void {
    super.dispose();
    for (const { job } of this.items) job?.dispose();
  }

  override update(fields: Partial<JobRecord>): void {
    this.updatedAt = this.now;
    super.update(fields);
  }

  #queue(expiry: FaultOf<'expire'> | undefined): void {
    const { batchQueueMs } = this.context.settings;
    const error = { code: 4, message: 'The batch expired before it was done.' };
    if (expiry !== undefined) this.after(expiry.afterMs ?? EXPIRY_MS, () => this.#end('EXPIRED', 'expired', error));
    if (expiry === undefined || expiry.afterMs !== undefined) this.soon(batchQueueMs, () => this.#start());
  }

  #start(): void {
    const cancelling = this.state.cancelRequestedAt !== undefined && this.cancelling;
    this.update({ startedAt: this.now, status: stateName(this.spec.host, 'RUNNING'), ...cancelling });
    if (this.spec.unreadable === undefined) this.#next();
    else this.#end('FAILED', 'failed', this.spec.unreadable);
  }

  #next(): void {
    const { model, name: job } = this.spec;
    for (const [index, item] of this.items.entries()) {
      if (this.items.filter(({ state }) => state === 'running').length >= this.context.settings.batchConcurrency) break;
      if (item.state === 'waiting') item.start(this.#within, model, { job, index }, () => this.#next());
    }
    this.update({ items: countItems(this.items) });
    if (this.items.every(({ endedAt }) => endedAt !== undefined)) this.#finish();
  }

  #finish(): void {
    const outcome = this.#outcome;
    if (outcome === undefined) this.#end('SUCCEEDED', 'completed');
    else if (outcome.kind === 'end') this.#take(outcome);
    else this.#end('FAILED', 'failed', { code: 13, message: outcome.message ?? 'Internal error encountered.' });
  }

  #take({ status, lastsMs }: FaultOf<'end'>): void {
    const state = FINAL.find((name) => status === stateName(this.spec.host, name));
    if (state?.endsWith('SUCCEEDED')) this.#end(state, 'ended');
    else if (state !== undefined) this.#end(state, 'ended', { code: 13, message: `The batch ended as ${status}.` });
    else {
      this.update({ status });
      if (lastsMs !== undefined) this.after(lastsMs, () => this.#end('SUCCEEDED', 'completed'));
    }
  }

  /** In the queue it ends as cancelled; after that finished items are kept, and the Gemini API calls it succeeded. */
  protected override stop(): void {
    const isGemini = this.spec.host === 'gemini';
    const error = { code: isGemini ? 13 : 1, message: 'The batch was cancelled.' };
    if (isGemini && this.state.startedAt !== undefined) this.#end('SUCCEEDED', 'cancelled');
    else this.#end('CANCELLED', 'cancelled', error);
  }

  #end(state: string, reason: EndReason, error?: RpcStatus): void {
    for (const item of this.items) item.cancel(this.now);
    this.dispose();
    this.error = error;
    Object.assign(this.state, { endedAt: this.now, endReason: reason, items: countItems(this.items) });
    this.spec.onEnd?.(this);
    this.update({ status: stateName(this.spec.host, state) });
  }
}

const stateName = (host: BatchSpec['host'], state: string): string =>
  `${host === 'gemini' ? 'BATCH_STATE' : 'JOB_STATE'}_${state}`;
