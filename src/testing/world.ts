import { Batch, type BatchSpec } from './batch/batch.js';
import { MemoryBucket } from './bucket.js';
import { FaultBook, type FaultTarget } from './fault-book.js';
import { hash, random } from './random.js';
import { Job, type JobSpec } from './job.js';
import { MeterBook } from './meter.js';
import type { Client } from './client.js';
import type { RouteMatch } from './routes.js';
import type { Settings } from './settings.js';

const BATCH_ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const ID_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Everything that an emulated server has: its jobs, its faults, its meter. */
export class World {
  readonly settings: Settings;
  readonly meter = new MeterBook();
  readonly faults = new FaultBook(this.meter);
  /** Clients that wait for something; held here so that nothing is collected while they wait. */
  readonly clients = new Set<Client>();
  readonly batches: Batch[] = [];
  readonly bucket = new MemoryBucket();
  readonly #jobs: Job[] = [];

  constructor(settings: Settings) {
    this.settings = settings;
    for (const fault of settings.faults) this.faults.add(fault);
  }

  get nextIndex(): number {
    return this.meter.jobs.length;
  }

  /** The interaction of an id, unless its record was deleted. */
  find(id: string | undefined): Job | undefined {
    return this.#jobs.find((job) => id !== undefined && job.spec.id === id && !job.record.deleted);
  }

  /** Starts a job. Interactions get an id; ids repeat from one run to the next. */
  start(spec: JobSpec, target: FaultTarget, options: { asUri?: boolean } = {}): Job {
    const scope = { ...target, model: spec.model, jobIndex: this.nextIndex };
    const outcome = this.faults.take(['refuse', 'fail', 'end'], scope);
    const uriFault = this.faults.take(['image-as-uri'], scope);
    const { clock, queueMs, workMs } = this.settings;
    const asUri = options.asUri === true || uriFault !== undefined;
    const job = new Job(spec, { clock, meter: this.meter, queueMs, workMs, outcome, asUri });
    this.#jobs.push(job);
    return job;
  }

  /** The batch that a path names, unless its record was deleted. */
  findBatch({ collection = '', id = '' }: RouteMatch): Batch | undefined {
    return this.batches.find(({ record }) => record.name === `${collection}/${id}` && !record.deleted);
  }

  /** Starts a batch. What becomes of it and of its items is decided here. */
  startBatch(spec: BatchSpec, target: FaultTarget): Batch {
    const scope = { ...target, model: spec.model, jobIndex: this.nextIndex };
    const { clock, batchQueueMs: queueMs, batchConcurrency: concurrency, workMs } = this.settings;
    const outcome = this.faults.take(['fail', 'end'], scope);
    const expiry = this.faults.take(['expire'], scope);
    const itemOutcomes = spec.items.map((_, item) =>
      this.faults.take(
        ['refuse', 'fail'],
        { ...scope, item },
        ({ kind, item }) => kind === 'refuse' || item !== undefined,
      ),
    );
    const { meter } = this;
    const batch = new Batch(spec, { clock, meter, queueMs, workMs, concurrency, outcome, expiry, itemOutcomes });
    this.batches.push(batch);
    return batch;
  }

  newId(): string {
    return `v1_${this.#letters('interaction', 44, ID_LETTERS)}`;
  }

  newBatchId(): string {
    return this.#letters('batch', 40, BATCH_ID_LETTERS);
  }

  /** Ids are numbers on Vertex. */
  newBatchNumber(): string {
    return `4${this.#letters('job', 18, '0123456789')}`;
  }

  /** The same ones from one run to the next. */
  #letters(kind: string, length: number, alphabet: string): string {
    const next = random(hash(`${kind} ${this.nextIndex}`));
    return Array.from({ length }, () => alphabet[Math.floor(next() * alphabet.length)]).join('');
  }

  /** Resolves after so many ms; when the client leaves, never. */
  sleep(ms: number, client?: Client): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.settings.clock.setTimeout(() => {
        stop?.();
        resolve();
      }, ms);
      const stop = client?.onLeave(() => this.settings.clock.clearTimeout(timer));
    });
  }

  reset(): void {
    for (const client of [...this.clients]) client.leave();
    for (const job of [...this.#jobs.splice(0), ...this.batches.splice(0)]) job.dispose();
    this.bucket.clear();
    this.meter.clear();
    for (const fault of this.settings.faults) this.faults.add(fault);
  }
}
