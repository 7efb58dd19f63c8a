import type { Clock, ClockTimer } from '../../util/clock.js';
import type { FaultOf } from '../faults.js';
import { MeterBook, type EndReason, type JobRecord, type Mutable } from '../meter.js';
import { BatchItem, type ItemSpec, type RpcStatus } from './batch-item.js';
import type { JsonObject } from '../json.js';
import { countItems, newBatchRecord, stateName } from './batch-record.js';

/** What is asked of a batch. */
export interface BatchSpec {
  /** Resource name. */
  readonly name: string;
  readonly model: string;
  readonly displayName: string | undefined;
  readonly items: readonly ItemSpec[];
  /** What its states are called: `BATCH_STATE_…` in the Gemini API, `JOB_STATE_…` on Vertex. */
  readonly host: 'gemini' | 'vertex';
  /** What a resource on Vertex says again of its creation. */
  readonly echo?: JsonObject;
  /** Why there are no items to work on: the batch fails when it leaves the queue. */
  readonly unreadable?: RpcStatus | undefined;
  /** Called when all is decided, before anybody is told. */
  readonly onEnd?: (batch: Batch) => void;
}

export interface BatchContext {
  readonly clock: Clock;
  readonly meter: MeterBook;
  readonly queueMs: number;
  readonly workMs: number;
  readonly concurrency: number;
  readonly outcome: FaultOf<'fail' | 'end'> | undefined;
  readonly expiry: FaultOf<'expire'> | undefined;
  /** How each of the items will end. */
  readonly itemOutcomes: readonly (FaultOf<'refuse' | 'fail'> | undefined)[];
}

const EXPIRY_MS = 48 * 3_600_000;
const FINAL = ['SUCCEEDED', 'PARTIALLY_SUCCEEDED', 'FAILED', 'CANCELLED', 'EXPIRED'];

/** One batch: its time in the queue, its items on the GPU one after another, and how it ends. */
export class Batch {
  readonly spec: BatchSpec;
  readonly items: readonly BatchItem[];
  readonly record: JobRecord;
  /** Whether a cancel has been sent, heeded or not. */
  cancelSent = false;
  /** Why the batch as a whole has no results. */
  error: RpcStatus | undefined;
  /** Where the results were written, on Vertex. */
  outputInfo: JsonObject | undefined;
  updatedAt: number;
  readonly #state: Mutable<JobRecord>;
  readonly #context: BatchContext;
  readonly #itemMeter = new MeterBook();
  readonly #timers = new Set<ClockTimer>();

  constructor(spec: BatchSpec, context: BatchContext) {
    this.spec = spec;
    this.items = spec.items.map((item, i) => new BatchItem(item, context.itemOutcomes[i]));
    this.#context = context;
    this.#state = newBatchRecord(spec, this.items, context);
    this.record = this.#state;
    this.updatedAt = this.#state.createdAt;
    context.meter.change(() => context.meter.jobs.push(this.#state));
    this.#queue(context);
  }

  get ended(): boolean {
    return this.#state.endedAt !== undefined;
  }

  /** Whether the server gives out what the items came to. */
  get hasResults(): boolean {
    return this.ended && this.error === undefined;
  }

  /**
   * Stops the batch `lagMs` from now. In the queue it ends as cancelled; after that finished items are kept, and the
   * Gemini API calls it succeeded. A batch that completes in the meantime has won the race.
   */
  cancel(lagMs: number): void {
    if (this.ended || this.#state.cancelRequestedAt !== undefined) return;
    this.#change(() => void (this.#state.cancelRequestedAt = this.#context.clock.now()));
    if (lagMs === 0) {
      this.#cancelNow();
      return;
    }
    if (this.spec.host === 'vertex') this.#become('CANCELLING');
    this.#after(lagMs, () => this.#cancelNow());
  }

  markDeleted(): void {
    this.#change(() => void (this.#state.deleted = true));
  }

  /** Drops the timers: the emulator is reset. */
  dispose(): void {
    for (const timer of this.#timers) this.#context.clock.clearTimeout(timer);
    this.#timers.clear();
    for (const item of this.items) item.dispose();
  }

  #queue({ queueMs, expiry }: BatchContext): void {
    if (expiry !== undefined) this.#after(expiry.afterMs ?? EXPIRY_MS, () => this.#expire());
    if (expiry !== undefined && expiry.afterMs === undefined) return;
    if (queueMs === 0) this.#start();
    else this.#after(queueMs, () => this.#start());
  }

  #start(): void {
    const start = (): void => void (this.#state.startedAt = this.#context.clock.now());
    const cancelling = this.#state.cancelRequestedAt !== undefined && this.spec.host === 'vertex';
    this.#become(cancelling ? 'CANCELLING' : 'RUNNING', start);
    if (this.spec.unreadable === undefined) this.#next();
    else this.#end('FAILED', 'failed', this.spec.unreadable);
  }

  /** Starts as many items as there is room for. */
  #next(): void {
    const { clock, workMs, concurrency } = this.#context;
    const { model, name: job } = this.spec;
    for (const [index, item] of this.items.entries()) {
      if (this.items.filter(({ state }) => state === 'running').length >= concurrency) break;
      if (item.state !== 'waiting') continue;
      const context = { clock, meter: this.#itemMeter, workMs, model, tag: { job, index } };
      item.start(context, () => this.#next());
    }
    this.#change(() => void (this.#state.items = countItems(this.items)));
    if (this.items.every(({ ended }) => ended)) this.#finish();
  }

  #finish(): void {
    const { outcome } = this.#context;
    if (outcome === undefined) {
      this.#end('SUCCEEDED', 'completed');
    } else if (outcome.kind === 'fail') {
      this.#end('FAILED', 'failed', { code: 13, message: outcome.message ?? 'Internal error encountered.' });
    } else {
      this.#take(outcome);
    }
  }

  #take({ status, lastsMs }: FaultOf<'end'>): void {
    const state = FINAL.find((name) => status === stateName(this.spec.host, name));
    if (state?.endsWith('SUCCEEDED')) this.#end(state, 'ended');
    else if (state !== undefined) this.#end(state, 'ended', { code: 13, message: `The batch ended as ${status}.` });
    else {
      this.#change(() => void (this.#state.status = status));
      if (lastsMs !== undefined) this.#after(lastsMs, () => this.#end('SUCCEEDED', 'completed'));
    }
  }

  #cancelNow(): void {
    const pending = this.#state.startedAt === undefined;
    for (const item of this.items) item.cancel(this.#context.clock.now());
    const gemini = this.spec.host === 'gemini';
    const error = { code: gemini ? 13 : 1, message: 'The batch was cancelled.' };
    if (gemini && !pending) this.#end('SUCCEEDED', 'cancelled');
    else this.#end('CANCELLED', 'cancelled', error);
  }

  #expire(): void {
    for (const item of this.items) item.cancel(this.#context.clock.now());
    this.#end('EXPIRED', 'expired', { code: 4, message: 'The batch expired before it was done.' });
  }

  #end(state: string, reason: EndReason, error?: RpcStatus): void {
    this.dispose();
    this.error = error;
    this.#state.endedAt = this.#context.clock.now();
    this.#state.endReason = reason;
    this.#state.items = countItems(this.items);
    this.spec.onEnd?.(this);
    this.#become(state);
  }

  #become(state: string, apply?: () => void): void {
    this.#change(() => {
      apply?.();
      this.#state.status = stateName(this.spec.host, state);
    });
  }

  #change(apply: () => void): void {
    this.updatedAt = this.#context.clock.now();
    this.#context.meter.change(apply);
  }

  #after(ms: number, callback: () => void): void {
    const timer = this.#context.clock.setTimeout(() => {
      this.#timers.delete(timer);
      callback();
    }, ms);
    this.#timers.add(timer);
  }
}
