import { Latch } from '../util/latch.js';
import { Timers } from '../util/timers.js';
import { Batch, type BatchSpec } from './batch.js';
import type { Client } from './client.js';
import { addFault, takeFaults, type FaultTarget } from './fault-book.js';
import type { Fault, FaultOf } from './faults.js';
import { Job, type JobSpec } from './job.js';
import { MeterBook, type RequestRecord } from './meter.js';
import type { RouteMatch } from './routes.js';
import type { Settings } from './settings.js';
import { FileStore, MemoryBucket } from './storage.js';
import { announceEnd } from './webhooks.js';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** The start, the length and the letters of ids. On Vertex they are numbers. */
const IDS = {
  interactions: ['v1_', 44, `${LETTERS}${LETTERS.toUpperCase()}-_`],
  batches: ['', 40, LETTERS],
  batchPredictionJobs: ['4', 18, '0123456789'],
} as const;

export class World {
  readonly settings: Settings;
  readonly meter = new MeterBook();
  readonly timers: Timers;
  readonly clients = new Set<Client>();
  readonly batches: Batch[] = [];
  readonly bucket = new MemoryBucket();
  readonly files = new FileStore();
  readonly warned = new Set<string>();
  readonly #jobs: Job[] = [];
  /** Aborts at the next reset, which nothing outlives. */
  era = new Latch();

  constructor(settings: Settings) {
    this.settings = settings;
    this.timers = new Timers(settings.clock);
    this.reset();
  }

  get nextIndex(): number {
    return this.meter.jobs.length;
  }

  /** The interaction of an id, unless its record was deleted or never kept. */
  find(id = ''): Job | undefined {
    const isIt = ({ record }: Job): boolean => record.name === `interactions/${id}` && !record.deleted;
    return this.#jobs.find((job) => isIt(job) && job.spec.isStored !== false);
  }

  start(spec: JobSpec, target: FaultTarget): Job {
    const scope = { ...target, model: spec.model, jobIndex: this.nextIndex };
    const [outcome] = takeFaults(this, ['refuse', 'fail', 'end'], scope);
    // Only interactions deliver one.
    const [uri] = spec.id === undefined ? [] : takeFaults(this, ['image-as-uri'], scope);
    const asUri = uri !== undefined || spec.asUri === true;
    const job = new Job({ ...spec, asUri }, this, outcome, this.settings.queueMs);
    this.#jobs.push(job);
    announceEnd(job, this);
    return job;
  }

  findBatch({ collection = '', id = '' }: RouteMatch): Batch | undefined {
    return this.batches.find(({ record }) => record.name === `${collection}/${id}` && !record.deleted);
  }

  startBatch(spec: BatchSpec, target: FaultTarget): Batch {
    const batch = new Batch(spec, this, { ...target, model: spec.model, jobIndex: this.nextIndex });
    this.batches.push(batch);
    announceEnd(batch, this);
    return batch;
  }

  /** An id for the next job: the same ones from one run to the next. */
  newId(collection: keyof typeof IDS): string {
    const [start, length, letters] = IDS[collection];
    const own = `${collection} ${this.nextIndex}`;
    return start + Array.from({ length }, (_, i) => letters[hash(`${i} ${own}`) % letters.length]).join('');
  }

  /** Resolves after so many ms; after a reset, or when the client leaves, never. */
  sleep(ms: number, client?: Client): Promise<void> {
    return new Promise((resolve) => {
      const drop = this.timers.after(ms, () => {
        forget();
        resolve();
      });
      const forget = this.era.on(drop);
      client?.onLeave(drop);
    });
  }

  reset(): void {
    this.era.abort();
    this.era = new Latch();
    for (const client of [...this.clients]) client.leave();
    for (const job of [...this.#jobs.splice(0), ...this.batches.splice(0)]) job.dispose();
    this.bucket.clear();
    this.files.clear();
    this.meter.clear();
    for (const fault of this.settings.faults) addFault(this, fault);
  }
}

export interface Call {
  readonly world: World;
  readonly client: Client;
  readonly record: RequestRecord;
  readonly match: RouteMatch;
  readonly url: URL;
  readonly target: FaultTarget;
  readonly headers: Headers;
  readonly text: string;
}

export function note({ world, record }: Call, fields: Partial<RequestRecord>): void {
  world.meter.change(() => Object.assign(record, fields));
}

export function strike<K extends Fault['kind']>(call: Call, ...kinds: K[]): FaultOf<K> | undefined {
  const [fault] = strikeAll(call, kinds);
  return fault;
}

/** Yields the faults of these kinds that strike, each noted when it is asked for. */
export function* strikeAll<K extends Fault['kind']>(call: Call, kinds: K[]) {
  for (const fault of takeFaults(call.world, kinds, call.target)) {
    const { faults, fault: first = fault.kind } = call.record;
    note(call, { faults: [...faults, fault.kind], fault: first });
    yield fault;
  }
}

/** The answer of an endpoint, which has had its effect: it tells how things are then, or is made later or never. */
export type Answer = Response | (() => Response | Promise<Response>);

/** A 32-bit hash of a string (FNV-1a), the seed of everything that has to look random and repeat. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
