import type { Image } from '../api/images.js';
import type { Job } from './job/job.js';
import type { Publisher } from './publisher.js';
import { imagesIn, type ResponseEntry } from './response.js';

/** Images beyond those that the jobs of an operation make for their own indices. They are paid for, so they are delivered. */
export class ExtraImages {
  readonly entries: ResponseEntry[] = [];
  readonly #jobs: () => readonly Job[];
  readonly #publisher: Publisher;
  /** Duplicates that have made images, each with the job that it duplicates. */
  readonly #spares = new Map<Job, Job>();
  #extras = 0;

  constructor(jobs: () => readonly Job[], publisher: Publisher) {
    this.#jobs = jobs;
    this.#publisher = publisher;
  }

  /** Takes the images of a job that has ended which it was not asked for, and those of its duplicates. */
  jobEnded(job: Job): void {
    this.add(job, imagesIn(job.facts.extras));
    this.use(false);
  }

  /** Takes images that were not asked for: their indices follow the last requested one. */
  add(maker: Job, images: readonly Image[]): void {
    if (images.length === 0) return;
    const first = this.#jobs().reduce((next, { indices }) => Math.max(next, (indices.at(-1) ?? -1) + 1), 0);
    const entries = images.map((image) => ({ index: first + this.#extras++, entry: { image } }));
    this.#take(maker, entries);
    const indices = entries.map(({ index }) => index).join(', ');
    this.#publisher.warn('extra-image', `There are more images than were asked for. They have the indices ${indices}.`);
  }

  #take(maker: Job, entries: readonly ResponseEntry[]): void {
    this.entries.push(...entries);
    this.#publisher.publishImages(maker, entries);
  }

  /** Takes what a duplicate of a job has made: it fills what the job has not made once that has ended. */
  spare(job: Job, duplicate: Job): void {
    this.#spares.set(duplicate, job);
    this.use(false);
  }

  /** Uses the images of duplicates: of jobs that have ended, or of all of them. */
  use(isLast: boolean): void {
    for (const [duplicate, job] of this.#spares) {
      if (!isLast && job.end === undefined) continue;
      this.#spares.delete(duplicate);
      this.#fill(job, duplicate);
    }
  }

  #fill(job: Job, duplicate: Job): void {
    if (duplicate.end?.kind !== 'completed') return;
    const outputs = [...duplicate.end.outputs, ...duplicate.facts.extras];
    const made = job.end?.kind === 'completed' ? job.end.outputs : [];
    const extras: Image[] = [];
    outputs.forEach((output, position) => {
      if (!('image' in output)) return;
      const index = job.indices[position] ?? position;
      const own = made[position];
      const isEmpty = own === undefined || 'failure' in own || 'cancelled' in own;
      if (!isEmpty || this.entries.some((entry) => entry.index === index)) extras.push(output.image);
      else this.#take(duplicate, [{ index, entry: { image: output.image } }]);
    });
    this.add(duplicate, extras);
  }
}
