import type { Image } from '../api/images.js';
import type { Job } from './job/job.js';
import { imagesIn, type ResponseEntry } from './response.js';

/** A duplicate that has made images, and the job that it duplicates. */
interface Spare {
  readonly job: Job;
  readonly duplicate: Job;
}

/** Publishes images of a job; the last `extras` of them were not asked for. */
type Publish = (maker: Job, entries: readonly ResponseEntry[], extras: number) => void;

/** Images beyond those that the jobs of an operation make for their own indices. They are paid for, so they are delivered. */
export class ExtraImages {
  readonly #first: () => number;
  readonly #publish: Publish;
  readonly #entries: ResponseEntry[] = [];
  #spares: readonly Spare[] = [];
  #extras = 0;

  /** `first` is the index after the last requested image. */
  constructor(first: () => number, publish: Publish) {
    this.#first = first;
    this.#publish = publish;
  }

  get entries(): readonly ResponseEntry[] {
    return this.#entries;
  }

  /** Takes the images of a job that has ended which it was not asked for, and those of its duplicates. */
  jobEnded(job: Job): void {
    this.add(job, imagesIn(job.facts.extras));
    this.use(false);
  }

  add(maker: Job, images: readonly Image[]): void {
    if (images.length === 0) return;
    const entries = images.map((image) => ({ index: this.#first() + this.#extras++, entry: { image } }));
    this.#entries.push(...entries);
    this.#publish(maker, entries, entries.length);
  }

  /** Takes what a duplicate of a job has made: it fills what the job has not made once that has ended. */
  spare(job: Job, duplicate: Job): void {
    this.#spares = [...this.#spares, { job, duplicate }];
    this.use(job.end !== undefined);
  }

  /** Uses the images of duplicates: of jobs that have ended, or of all of them. */
  use(isLast: boolean): void {
    const spares = this.#spares;
    this.#spares = isLast ? [] : spares.filter(({ job }) => job.end === undefined);
    for (const spare of spares) if (!this.#spares.includes(spare)) this.#fill(spare);
  }

  #fill({ job, duplicate }: Spare): void {
    if (duplicate.end?.kind !== 'completed') return;
    const outputs = [...duplicate.end.outputs, ...duplicate.facts.extras];
    const made = job.end?.kind === 'completed' ? job.end.outputs : [];
    const extras: Image[] = [];
    outputs.forEach((output, position) => {
      if (!('image' in output)) return;
      const index = job.indices[position] ?? position;
      const own = made[position];
      const isEmpty = own === undefined || 'failure' in own || 'cancelled' in own;
      if (!isEmpty || this.#entries.some((entry) => entry.index === index)) extras.push(output.image);
      else this.#fillOne(duplicate, { index, entry: { image: output.image } });
    });
    this.add(duplicate, extras);
  }

  #fillOne(duplicate: Job, entry: ResponseEntry): void {
    this.#entries.push(entry);
    this.#publish(duplicate, [entry], 0);
  }
}
