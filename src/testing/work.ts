import type { Timers } from '../util/timers.js';
import type { JobRecord, MeterBook } from './meter.js';
import type { Settings } from './settings.js';

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
  protected readonly context: WorkContext;
  /** The change of the record while a cancel that comes late has no effect yet. */
  protected cancelling: Partial<JobRecord> = {};
  /** The time on the GPU, by a clock that no change of the wall clock touches. */
  protected readonly gpu: { from?: number; until?: number } = {};
  readonly #drops = new Set<() => void>();

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
    for (const drop of this.#drops) drop();
    this.#drops.clear();
  }

  protected abstract stop(): void;

  protected get now(): number {
    return this.context.timers.now();
  }

  protected after(ms: number, callback: () => void): void {
    const drop = this.context.timers.after(ms, () => {
      this.#drops.delete(drop);
      callback();
    });
    this.#drops.add(drop);
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
