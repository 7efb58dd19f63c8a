import type { FaultTarget } from './fault-book.js';
import type { Fault, FaultOf } from './faults.js';
import type { Mutable, RequestRecord } from './meter.js';
import type { RouteMatch } from './routes.js';
import type { World } from './world.js';

/** The client of one request. It has left when its signal aborted, or when it dropped the stream. */
export class Client {
  readonly #request: Request;
  readonly #callbacks = new Set<() => void>();
  #left = false;

  constructor(request: Request) {
    // The whole request is kept: undici's request.signal goes deaf once the Request itself is collected.
    this.#request = request;
    if (request.signal.aborted) this.#left = true;
    else request.signal.addEventListener('abort', this.leave);
  }

  get left(): boolean {
    return this.#left;
  }

  /** Calls back once when the client leaves, at once if it has; the function returned takes that back. */
  onLeave(callback: () => void): () => void {
    if (this.#left) callback();
    else this.#callbacks.add(callback);
    return () => this.#callbacks.delete(callback);
  }

  readonly leave = (): void => {
    if (this.#left) return;
    this.#left = true;
    const callbacks = [...this.#callbacks];
    this.release();
    for (const callback of callbacks) callback();
  };

  /** The exchange is over: whether the client leaves now no longer matters. */
  release(): void {
    this.#request.signal.removeEventListener('abort', this.leave);
    this.#callbacks.clear();
  }
}

let reads = 0;

/**
 * The body of a request as text, `undefined` if it breaks off. Chromium hands the body of a request that was cloned, as the
 * SDK does, over from another thread: no number of turns of the event loop is sure to be enough.
 */
export async function readBody(request: Request): Promise<string | undefined> {
  reads += 1;
  try {
    return await request.text().catch(() => undefined);
  } finally {
    reads -= 1;
  }
}

/** Whether the body of any request is being read. */
export function isReadingBody(): boolean {
  return reads > 0;
}

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
