import { FaultBook, type FaultTarget } from './fault-book.js';
import { hash, random } from './image/random.js';
import { Job, type JobSpec } from './job.js';
import { MeterBook } from './meter.js';
import type { Client } from './client.js';
import type { Settings } from './settings.js';

const ID_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Everything that an emulated server has: its jobs, its faults, its meter. */
export class World {
  readonly settings: Settings;
  readonly meter = new MeterBook();
  readonly faults = new FaultBook(this.meter);
  /** Clients that wait for something; held here so that nothing is collected while they wait. */
  readonly clients = new Set<Client>();
  readonly #jobs: Job[] = [];

  constructor(settings: Settings) {
    this.settings = settings;
    for (const fault of settings.faults) this.faults.add(fault);
  }

  get nextIndex(): number {
    return this.#jobs.length;
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

  newId(): string {
    const next = random(hash(`interaction ${this.nextIndex}`));
    return `v1_${Array.from({ length: 44 }, () => ID_LETTERS[Math.floor(next() * 64)]).join('')}`;
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
    for (const job of this.#jobs.splice(0)) job.dispose();
    this.meter.clear();
    for (const fault of this.settings.faults) this.faults.add(fault);
  }
}
