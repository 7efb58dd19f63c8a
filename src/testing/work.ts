import type { Timers } from '../util/timers.js';
import type { JobRecord, MeterBook, Mutable } from './meter.js';
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
  /** When the resource last changed. */
  updatedAt: number;
  protected readonly context: WorkContext;
  protected readonly state: Mutable<JobRecord>;
  /** The change of the record while a cancel that comes late has no effect yet. */
  protected cancelling: Partial<JobRecord> = {};
  readonly #drops = new Set<() => void>();

  constructor(start: Start, gpuMs: () => number, context: WorkContext) {
    const { meter, timers } = context;
    this.context = context;
    this.updatedAt = timers.now();
    this.state = {
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
    this.record = this.state;
    meter.change(() => meter.jobs.push(this.state));
  }

  get ended(): boolean {
    return this.state.endedAt !== undefined;
  }

  update(fields: Partial<JobRecord>): void {
    this.context.meter.change(() => Object.assign(this.state, fields));
  }

  /** Stops the work `lagMs` from now. Work that is done in the meantime has won the race. */
  cancel(lagMs: number): void {
    if (this.ended || this.state.cancelRequestedAt !== undefined) return;
    this.update({ cancelRequestedAt: this.now, ...(lagMs > 0 && this.cancelling) });
    this.soon(lagMs, () => this.stop());
  }

  /** Drops the timers: the emulator is reset. */
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

  /** Calls back after so many ms, at once for none. */
  protected soon(ms: number, callback: () => void): void {
    if (ms === 0) callback();
    else this.after(ms, callback);
  }
}
