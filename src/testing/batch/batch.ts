import type { FaultOf } from '../faults.js';
import { MeterBook, type EndReason } from '../meter.js';
import { Work, type WorkContext } from '../work.js';
import { BatchItem, countItems, type ItemSpec, type RpcStatus } from './batch-item.js';
import type { JsonObject } from '../json.js';

/** The request for a batch. */
export interface BatchSpec {
  /** Resource name. */
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
  /** Called at the end, before the meter tells its watchers. */
  readonly onEnd?: (batch: Batch) => void;
}

export interface BatchContext extends WorkContext {
  readonly concurrency: number;
  readonly outcome: FaultOf<'fail' | 'end'> | undefined;
  readonly expiry: FaultOf<'expire'> | undefined;
  /** The end that faults plan for each item. */
  readonly itemOutcomes: readonly (FaultOf<'refuse' | 'fail'> | undefined)[];
}

const EXPIRY_MS = 48 * 3_600_000;
const FINAL = ['SUCCEEDED', 'PARTIALLY_SUCCEEDED', 'FAILED', 'CANCELLED', 'EXPIRED'];

/** One batch: its time in the queue, its items on the GPU one after another, and how it ends. */
export class Batch extends Work {
  readonly spec: BatchSpec;
  readonly items: readonly BatchItem[];
  /** Whether a cancel has been sent, heeded or not. */
  cancelSent = false;
  /** The reason why the batch as a whole has no results. */
  error: RpcStatus | undefined;
  /** The file with the results, of a batch that was made from a file. */
  responsesFile: string | undefined;
  /** The place of the results, on Vertex. */
  outputInfo: JsonObject | undefined;
  updatedAt: number;
  readonly #context: BatchContext;
  readonly #itemMeter = new MeterBook();

  constructor(spec: BatchSpec, context: BatchContext) {
    const { name, model, displayName } = spec;
    const items = spec.items.map((item, i) => new BatchItem(item, context.itemOutcomes[i]));
    const workMs = context.workMs * items.filter(({ spec: { request } }) => typeof request !== 'string').length;
    const status = stateName(spec.host, 'PENDING');
    const gpuMs = (): number => items.reduce((sum, item) => sum + item.gpuMs, 0);
    super({ name, kind: 'batch', model, workMs, status, items: countItems(items), displayName }, gpuMs, context);
    this.spec = spec;
    this.items = items;
    this.#context = context;
    this.updatedAt = this.state.createdAt;
    this.#queue(context);
  }

  /** Tells whether the server gives out results. */
  get hasResults(): boolean {
    return this.ended && this.error === undefined;
  }

  /**
   * Stops the batch `lagMs` from now. In the queue it ends as cancelled; after that finished items are kept, and the
   * Gemini API calls it succeeded. A batch that completes in the meantime has won the race.
   */
  cancel(lagMs: number): void {
    if (this.ended || this.state.cancelRequestedAt !== undefined) return;
    this.change(() => void (this.state.cancelRequestedAt = this.clock.now()));
    if (lagMs > 0 && this.spec.host === 'vertex') this.#become('CANCELLING');
    if (lagMs > 0) this.after(lagMs, () => this.#cancelNow());
    else this.#cancelNow();
  }

  override dispose(): void {
    super.dispose();
    for (const item of this.items) item.dispose();
  }

  #queue({ queueMs, expiry }: BatchContext): void {
    if (expiry !== undefined) this.after(expiry.afterMs ?? EXPIRY_MS, () => this.#expire());
    if (expiry !== undefined && expiry.afterMs === undefined) return;
    if (queueMs === 0) this.#start();
    else this.after(queueMs, () => this.#start());
  }

  #start(): void {
    const start = (): void => void (this.state.startedAt = this.clock.now());
    const cancelling = this.state.cancelRequestedAt !== undefined && this.spec.host === 'vertex';
    this.#become(cancelling ? 'CANCELLING' : 'RUNNING', start);
    if (this.spec.unreadable === undefined) this.#next();
    else this.#end('FAILED', 'failed', this.spec.unreadable);
  }

  /** Starts as many items as there is room for. */
  #next(): void {
    const { concurrency } = this.#context;
    const { model, name: job } = this.spec;
    for (const [index, item] of this.items.entries()) {
      if (this.items.filter(({ state }) => state === 'running').length >= concurrency) break;
      if (item.state !== 'waiting') continue;
      const context = { ...this.#context, meter: this.#itemMeter, model, tag: { job, index } };
      item.start(context, () => this.#next());
    }
    this.change(() => void (this.state.items = countItems(this.items)));
    if (this.items.every(({ ended }) => ended)) this.#finish();
  }

  #finish(): void {
    const { outcome } = this.#context;
    if (outcome === undefined) this.#end('SUCCEEDED', 'completed');
    else if (outcome.kind === 'end') this.#take(outcome);
    else this.#end('FAILED', 'failed', { code: 13, message: outcome.message ?? 'Internal error encountered.' });
  }

  #take({ status, lastsMs }: FaultOf<'end'>): void {
    const state = FINAL.find((name) => status === stateName(this.spec.host, name));
    if (state?.endsWith('SUCCEEDED')) this.#end(state, 'ended');
    else if (state !== undefined) this.#end(state, 'ended', { code: 13, message: `The batch ended as ${status}.` });
    else {
      this.change(() => void (this.state.status = status));
      if (lastsMs !== undefined) this.after(lastsMs, () => this.#end('SUCCEEDED', 'completed'));
    }
  }

  #cancelNow(): void {
    const pending = this.state.startedAt === undefined;
    for (const item of this.items) item.cancel(this.clock.now());
    const gemini = this.spec.host === 'gemini';
    const error = { code: gemini ? 13 : 1, message: 'The batch was cancelled.' };
    if (gemini && !pending) this.#end('SUCCEEDED', 'cancelled');
    else this.#end('CANCELLED', 'cancelled', error);
  }

  #expire(): void {
    for (const item of this.items) item.cancel(this.clock.now());
    this.#end('EXPIRED', 'expired', { code: 4, message: 'The batch expired before it was done.' });
  }

  #end(state: string, reason: EndReason, error?: RpcStatus): void {
    this.dispose();
    this.error = error;
    this.state.endedAt = this.clock.now();
    this.state.endReason = reason;
    this.state.items = countItems(this.items);
    this.spec.onEnd?.(this);
    this.#become(state);
  }

  #become(state: string, apply?: () => void): void {
    this.change(() => {
      apply?.();
      this.state.status = stateName(this.spec.host, state);
    });
  }

  protected override change(apply: () => void): void {
    this.updatedAt = this.clock.now();
    super.change(apply);
  }
}

/** Makes the name of a state on a host. */
const stateName = (host: BatchSpec['host'], state: string): string =>
  `${host === 'gemini' ? 'BATCH_STATE' : 'JOB_STATE'}_${state}`;
