import type { JobOutput } from '../google/port.js';
import type { Image } from '../api/images.js';
import type { Job } from './job/job.js';
import type { ResponseEntry } from './response.js';

/** Images that duplicates of a job have made, by its positions. */
interface Spare {
  readonly job: Job;
  readonly outputs: readonly JobOutput[];
}

/** Images beyond those that the jobs of an operation make for their own indices. They are paid for, so they are delivered. */
export class ExtraImages {
  readonly #first: () => number;
  readonly #publish: (entries: readonly ResponseEntry[], extras: number) => void;
  readonly #entries: ResponseEntry[] = [];
  #spares: readonly Spare[] = [];
  #extras = 0;

  /** `first` is the index after the last requested image. */
  constructor(first: () => number, publish: (entries: readonly ResponseEntry[], extras: number) => void) {
    this.#first = first;
    this.#publish = publish;
  }

  get entries(): readonly ResponseEntry[] {
    return this.#entries;
  }

  add(images: readonly Image[]): void {
    if (images.length === 0) return;
    const entries = images.map((image) => ({ index: this.#first() + this.#extras++, entry: { image } }));
    this.#entries.push(...entries);
    this.#publish(entries, entries.length);
  }

  /** Takes what a duplicate of a job has made: it fills what the job has not made once that has ended. */
  spare(job: Job, outputs: readonly JobOutput[]): void {
    this.#spares = [...this.#spares, { job, outputs }];
    this.use(job.end !== undefined);
  }

  /** Uses the images of duplicates: of jobs that have ended, or of all of them. */
  use(isLast: boolean): void {
    const spares = this.#spares;
    this.#spares = isLast ? [] : spares.filter(({ job }) => job.end === undefined);
    for (const spare of spares) if (!this.#spares.includes(spare)) this.#fill(spare);
  }

  #fill({ job, outputs }: Spare): void {
    const made = job.end?.kind === 'completed' ? job.end.outputs : [];
    const extras: Image[] = [];
    outputs.forEach((output, position) => {
      if (!('image' in output)) return;
      const index = job.indices[position] ?? position;
      const own = made[position];
      const isEmpty = own === undefined || 'failure' in own || 'cancelled' in own;
      if (!isEmpty || this.#entries.some((entry) => entry.index === index)) extras.push(output.image);
      else this.#fillOne({ index, entry: { image: output.image } });
    });
    this.add(extras);
  }

  #fillOne(entry: ResponseEntry): void {
    this.#entries.push(entry);
    this.#publish([entry], 0);
  }
}
