import { Batch, type BatchSpec } from './batch/batch.js';
import { MemoryBucket, FileStore } from './storage.js';
import { FaultBook, type FaultTarget } from './fault-book.js';
import { isKnown, isListed, knownModels } from './models.js';
import { hash, random } from './random.js';
import { Job, type JobSpec } from './job.js';
import { MeterBook } from './meter.js';
import type { Client } from './call.js';
import type { RouteMatch } from './routes.js';
import type { Settings } from './settings.js';
import type { WorkContext } from './work.js';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** The start, the length and the letters of ids. On Vertex they are numbers. */
const IDS = {
  interactions: ['v1_', 44, `${LETTERS}${LETTERS.toUpperCase()}-_`],
  batches: ['', 40, LETTERS],
  batchPredictionJobs: ['4', 18, '0123456789'],
} as const;

/** Everything that an emulated server has: its jobs, its faults, its meter. */
export class World {
  readonly settings: Settings;
  readonly meter = new MeterBook();
  readonly faults: FaultBook;
  /** Clients that wait for something; held here so that nothing is collected while they wait. */
  readonly clients = new Set<Client>();
  readonly batches: Batch[] = [];
  readonly bucket = new MemoryBucket();
  readonly files: FileStore;
  readonly #warned = new Set<string>();
  readonly #jobs: Job[] = [];

  constructor(settings: Settings) {
    this.settings = settings;
    this.faults = new FaultBook(this.meter, settings.clock);
    this.files = new FileStore(settings.clock);
    for (const fault of settings.faults) this.faults.add(fault);
  }

  get nextIndex(): number {
    return this.meter.jobs.length;
  }

  /** The interaction of an id, unless its record was deleted or never kept. */
  find(id: string | undefined): Job | undefined {
    return this.#jobs.find(
      ({ spec, record }) =>
        id !== undefined && spec.id === id && !record.deleted && spec.interaction?.isStored !== false,
    );
  }

  /** Starts a job. Interactions get an id; ids repeat from one run to the next. */
  start(spec: JobSpec, target: FaultTarget, options: { asUri?: boolean } = {}): Job {
    const scope = { ...target, model: spec.model, jobIndex: this.nextIndex };
    const outcome = this.faults.take(['refuse', 'fail', 'end'], scope);
    const uriFault = this.faults.take(['image-as-uri'], scope);
    const asUri = options.asUri === true || uriFault !== undefined;
    const job = new Job(spec, { ...this.#work(this.settings.queueMs), outcome, asUri });
    this.#jobs.push(job);
    return job;
  }

  /** Tells whether the server has a model. Warns once of each that it takes without knowing it. */
  hasModel(model: string): boolean {
    const { retired, models, warn } = this.settings;
    if (isListed(model, retired)) return false;
    if (isKnown(model)) return true;
    if (models === 'strict') return false;
    if (!this.#warned.has(model))
      warn(
        `The emulator does not know the model ${JSON.stringify(model)} and takes it for an image model. Known: ${knownModels(retired)}`,
      );
    this.#warned.add(model);
    return true;
  }

  /** The batch that a path names, unless its record was deleted. */
  findBatch({ collection = '', id = '' }: RouteMatch): Batch | undefined {
    return this.batches.find(({ record }) => record.name === `${collection}/${id}` && !record.deleted);
  }

  /** Starts a batch, and decides the end of it and of its items. */
  startBatch(spec: BatchSpec, target: FaultTarget): Batch {
    const scope = { ...target, model: spec.model, jobIndex: this.nextIndex };
    const { batchQueueMs, batchConcurrency: concurrency } = this.settings;
    const outcome = this.faults.take(['fail', 'end'], scope);
    const expiry = this.faults.take(['expire'], scope);
    const itemOutcomes = spec.items.map((_, item) =>
      this.faults.take(
        ['refuse', 'fail'],
        { ...scope, item },
        ({ kind, item }) => kind === 'refuse' || item !== undefined,
      ),
    );
    const context = { ...this.#work(batchQueueMs), concurrency, outcome, expiry, itemOutcomes };
    const batch = new Batch(spec, context);
    this.batches.push(batch);
    return batch;
  }

  #work(queueMs: number): WorkContext {
    const { clock, workMs, thoughtSignatureLength: signatureLength } = this.settings;
    return { clock, meter: this.meter, queueMs, workMs, signatureLength };
  }

  /** An id for the next job: the same ones from one run to the next. */
  newId(collection: keyof typeof IDS): string {
    const [start, length, letters] = IDS[collection];
    const next = random(hash(`${collection} ${this.nextIndex}`));
    return start + Array.from({ length }, () => letters[Math.floor(next() * letters.length)]).join('');
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
    this.files.clear();
    this.meter.clear();
    for (const fault of this.settings.faults) this.faults.add(fault);
  }
}
