import type { Client } from './client.js';
import type { FaultTarget } from './fault-book.js';
import type { Fault, FaultOf } from './faults.js';
import type { Mutable, RequestRecord } from './meter.js';
import type { RouteMatch } from './routes.js';
import type { World } from './world.js';

/** One request on its way through the emulator. */
export class Call {
  declare readonly world: World;
  declare readonly client: Client;
  declare readonly record: Mutable<RequestRecord>;
  declare readonly match: RouteMatch;
  declare readonly url: URL;
  declare readonly target: FaultTarget;
  declare readonly headers: Headers;
  /** The body as it came. */
  declare readonly text: string;

  constructor(fields: Omit<Call, 'note' | 'strike' | 'strikeAll'>) {
    Object.assign(this, fields);
  }

  /** Changes the record of the request and tells the watchers of the meter. */
  note(fields: Partial<Mutable<RequestRecord>>): void {
    this.world.meter.change(() => Object.assign(this.record, fields));
  }

  /** The first fault of these kinds that strikes this request. */
  strike<K extends Fault['kind']>(...kinds: K[]): FaultOf<K> | undefined {
    const fault = this.world.faults.take(kinds, this.target);
    if (fault !== undefined) this.#noteFault(fault.kind);
    return fault;
  }

  /** All faults of this kind that strike this request. */
  strikeAll<K extends Fault['kind']>(kind: K): FaultOf<K>[] {
    const faults = this.world.faults.takeAll(kind, this.target);
    for (const fault of faults) this.#noteFault(fault.kind);
    return faults;
  }

  #noteFault(kind: Fault['kind']): void {
    this.note({ faults: [...this.record.faults, kind], fault: this.record.fault ?? kind });
  }
}

/** Has its effect when it is called; what it returns makes the answer, later or never. */
export type Endpoint = (call: Call) => Answer;
export type Answer = () => Response | Promise<Response>;
