import type { Clock } from '../util/clock.js';
import { verifyFault } from './fault-table.js';
import type { Fault, FaultOf } from './faults.js';
import type { FaultRecord, MeterBook, Mutable } from './meter.js';
import type { Route } from './routes.js';

/** The properties of a request that the scope of a fault can name. */
export interface FaultTarget {
  readonly route: Route;
  readonly model?: string | undefined;
  readonly jobName?: string | undefined;
  readonly jobIndex?: number | undefined;
  /** Of an item of a batch. */
  readonly item?: number | undefined;
}

/** The faults in force, and their counts in the meter. */
export class FaultBook {
  readonly #meter: MeterBook;
  readonly #clock: Clock;

  constructor(meter: MeterBook, clock: Clock) {
    this.#meter = meter;
    this.#clock = clock;
  }

  /** Adds a fault behind the others; the function returned takes it out again. */
  add(fault: Fault): () => void {
    verifyFault(fault);
    const addedAt = this.#clock.now();
    const record: Mutable<FaultRecord> = { fault: { ...fault }, addedAt, matched: 0, applied: 0, active: true };
    this.#meter.change(() => this.#meter.faults.push(record));
    return () => this.#meter.change(() => void (record.active = false));
  }

  /** The first fault of these kinds that strikes, if `suits` lets it; it is counted. */
  take<K extends Fault['kind']>(
    kinds: readonly K[],
    target: FaultTarget,
    suits: (fault: FaultOf<K>) => boolean = () => true,
  ): FaultOf<K> | undefined {
    const record = this.#meter.faults.find(
      (one) => includes(kinds, one.fault) && suits(one.fault) && this.#strikes(one, target),
    );
    return record?.fault as FaultOf<K> | undefined;
  }

  /** All faults of this kind that strike; they are counted. */
  takeAll<K extends Fault['kind']>(kind: K, target: FaultTarget): FaultOf<K>[] {
    const faults = this.#meter.faults.filter((one) => one.fault.kind === kind && this.#strikes(one, target));
    return faults.map(({ fault }) => fault as FaultOf<K>);
  }

  #strikes(record: Mutable<FaultRecord>, target: FaultTarget): boolean {
    const { fault } = record;
    if (!record.active || record.applied >= (fault.times ?? Infinity)) return false;
    if (!fits(fault, target) || !this.#isTimeFor(record)) return false;
    const strikes = record.matched >= (fault.skip ?? 0);
    this.#meter.change(() => {
      record.matched += 1;
      if (strikes) record.applied += 1;
    });
    return strikes;
  }

  #isTimeFor({ fault: { fromMs = 0, forMs = Infinity }, addedAt }: FaultRecord): boolean {
    const age = this.#clock.now() - addedAt;
    return age >= fromMs && age < fromMs + forMs;
  }
}

function includes<K extends Fault['kind']>(kinds: readonly K[], fault: Fault): fault is FaultOf<K> {
  return (kinds as readonly string[]).includes(fault.kind);
}

function fits(fault: Fault, target: FaultTarget): boolean {
  const { route = '*', model, job, item } = fault;
  if (route !== '*' && route !== target.route) return false;
  if (model !== undefined && model !== target.model) return false;
  if (item !== undefined && (item === '*' ? target.item === undefined : item !== target.item)) return false;
  return job === undefined || job === target.jobName || job === target.jobIndex;
}
