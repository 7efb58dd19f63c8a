import type { Clock, ClockTimer } from '../util/clock.js';
import type { JobRecord, MeterBook, Mutable } from './meter.js';

/** The surroundings of all work. */
export interface WorkContext {
  readonly clock: Clock;
  readonly meter: MeterBook;
  readonly queueMs: number;
  /** GPU time of one image. */
  readonly workMs: number;
  readonly signatureLength: number;
}

/** The first values of a record. */
type Start = Pick<JobRecord, 'name' | 'kind' | 'model' | 'workMs' | 'status'> & Partial<JobRecord>;

/** The common part of jobs and batches: a record in the meter, and timers. */
export abstract class Work {
  readonly record: JobRecord;
  protected readonly state: Mutable<JobRecord>;
  protected readonly clock: Clock;
  readonly #meter: MeterBook;
  readonly #timers = new Set<ClockTimer>();

  constructor(start: Start, gpuMs: (record: JobRecord) => number, { clock, meter }: WorkContext) {
    this.clock = clock;
    this.#meter = meter;
    this.state = {
      index: meter.jobs.length,
      createdAt: clock.now(),
      startedAt: undefined,
      endedAt: undefined,
      endReason: undefined,
      cancelRequestedAt: undefined,
      deleted: false,
      clientGoneAt: undefined,
      ...start,
      // Own and enumerable, so that it shows in assertions and in JSON.
      get gpuMs() {
        return gpuMs(this);
      },
    };
    this.record = this.state;
    meter.change(() => meter.jobs.push(this.state));
  }

  get ended(): boolean {
    return this.state.endedAt !== undefined;
  }

  markDeleted(): void {
    this.change(() => void (this.state.deleted = true));
  }

  /** Drops the timers: the emulator is reset. */
  dispose(): void {
    for (const timer of this.#timers) this.clock.clearTimeout(timer);
    this.#timers.clear();
  }

  protected change(apply: () => void): void {
    this.#meter.change(apply);
  }

  protected after(ms: number, callback: () => void): void {
    const timer = this.clock.setTimeout(() => {
      this.#timers.delete(timer);
      callback();
    }, ms);
    this.#timers.add(timer);
  }
}
