import { takeFaults, type FaultTarget } from './fault-book.js';
import type { FaultOf } from './faults.js';
import { Job, Work, type JobSpec, type WorkContext } from './job.js';
import type { JsonObject } from './json.js';
import type { WebhookTarget } from './settings.js';
import { MeterBook, type EndReason, type ItemCounts, type JobRecord } from './meter.js';

export interface ItemSpec {
  /** The line of the file, or the inlined request, as it came. */
  readonly source: JsonObject;
  /** The wanted image; a string says why it cannot be made, and fails the item at no cost. */
  readonly request: Pick<JobSpec, 'image' | 'seed'> | string;
}

export interface RpcStatus {
  readonly code: number;
  readonly message: string;
}

/** One image of a batch: it costs what a job of its own would. */
export interface BatchItem extends ItemSpec {
  readonly outcome: FaultOf<'refuse' | 'fail'> | undefined;
  state: 'waiting' | 'running' | Exclude<keyof ItemCounts, 'total'>;
  endedAt?: number;
  job?: Job;
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
  readonly webhook?: WebhookTarget | undefined;
  /** The address of the API, as the create had it. */
  readonly origin: string;
  readonly onEnd?: (batch: Batch) => void;
}

const EXPIRY_MS = 48 * 3_600_000;
const FINAL = ['SUCCEEDED', 'PARTIALLY_SUCCEEDED', 'FAILED', 'CANCELLED', 'EXPIRED'];

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
    const items = spec.items.map((one, item): BatchItem => {
      const [itemOutcome] = takeFaults(context, ['refuse', 'fail'], { ...target, item });
      return { ...one, outcome: itemOutcome, state: 'waiting' };
    });
    const workMs = settings.workMs * items.filter(({ request }) => typeof request !== 'string').length;
    const status = stateName(spec.host, 'PENDING');
    const gpuMs = (): number => items.reduce((sum, { job }) => sum + (job?.record.gpuMs ?? 0), 0);
    super({ name, kind: 'batch', model, workMs, status, items: countItems(items), displayName }, context, gpuMs);
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
    const cancelling = this.record.cancelRequestedAt !== undefined && this.cancelling;
    this.update({ startedAt: this.now, status: stateName(this.spec.host, 'RUNNING'), ...cancelling });
    if (this.spec.unreadable === undefined) this.#next();
    else this.#end('FAILED', 'failed', this.spec.unreadable);
  }

  #next(): void {
    for (const [index, item] of this.items.entries()) {
      if (this.items.filter(({ state }) => state === 'running').length >= this.context.settings.batchConcurrency) break;
      if (item.state === 'waiting') this.#begin(item, index);
    }
    this.update({ items: countItems(this.items) });
    if (this.items.every(({ endedAt }) => endedAt !== undefined)) this.#finish();
  }

  #begin(item: BatchItem, index: number): void {
    const { request, outcome } = item;
    const { model, name } = this.spec;
    if (typeof request === 'string') {
      this.#close(item, 'failed');
      return;
    }
    const tag = { job: name, index };
    const job = new Job({ ...request, kind: 'batch', model, tag, origin: '' }, this.#within, outcome, 0);
    Object.assign(item, { state: 'running', job });
    job.over.on(() => {
      if (item.endedAt !== undefined) return;
      this.#close(item, job.record.status === 'failed' ? 'failed' : 'completed');
      this.#next();
    });
  }

  /** Stops the work where it is. Its cost stays. */
  #close(item: BatchItem, state: BatchItem['state']): void {
    if (item.endedAt !== undefined) return;
    Object.assign(item, { state, endedAt: this.now });
    item.job?.cancel(0);
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
    if (isGemini && this.record.startedAt !== undefined) this.#end('SUCCEEDED', 'cancelled');
    else this.#end('CANCELLED', 'cancelled', error);
  }

  #end(state: string, reason: EndReason, error?: RpcStatus): void {
    for (const item of this.items) this.#close(item, 'cancelled');
    this.dispose();
    this.error = error;
    Object.assign(this.record, { endedAt: this.now, endReason: reason, items: countItems(this.items) });
    this.spec.onEnd?.(this);
    this.update({ status: stateName(this.spec.host, state) });
    this.over.abort();
  }
}

const stateName = (host: BatchSpec['host'], state: string): string =>
  `${host === 'gemini' ? 'BATCH_STATE' : 'JOB_STATE'}_${state}`;
