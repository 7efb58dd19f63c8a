import type { OperationEvent } from '../../api/events.js';
import type { JobReference, JobSnapshot, JobState } from '../../api/snapshot.js';
import type { Tone } from '../output.js';
import type { Scene } from './view.js';

/** More numbers than these are not listed one by one. */
const MAX_NAMED = 10;

/** Returns which images a job makes, from 0. */
export function imagesOf({ index, indices }: JobReference): readonly number[] {
  return indices ?? [index];
}

/**
 * Names images of these jobs as people count them: `image 1`, `images 1, 3`, `images 1-50`. Of a batch that is known by its
 * name only, the number of images is unknown before it has ended.
 */
export function labelOf(images: readonly number[], jobs: readonly JobReference[]): string {
  if (jobs.length === 1 && jobs[0]?.backend === 'batches' && jobs[0].indices === undefined) return 'the batch';
  const numbers = images.map((image) => image + 1);
  const [first = 1] = numbers;
  if (numbers.length === 1) return `image ${first}`;
  const isRun = numbers.every((number, position) => number === first + position);
  if (isRun && numbers.length > 3) return `images ${first}-${first + numbers.length - 1}`;
  const named = numbers.slice(0, MAX_NAMED).join(', ');
  return numbers.length > MAX_NAMED ? `images ${named}, … (${numbers.length} in all)` : `images ${named}`;
}

/** The state of one job, as people read it. Most make one image. */
export interface Row {
  readonly index: number;
  /** The images that it makes. */
  readonly label: string;
  readonly word: string;
  readonly tone: Tone;
  readonly name: string | undefined;
  readonly ended: boolean;
  readonly elapsedMs: number;
}

const words = {
  waiting: ['waiting', 'quiet'],
  submitting: ['being sent', 'quiet'],
  queued: ['queued', 'quiet'],
  running: ['running', 'active'],
  succeeded: ['running', 'active'],
  failed: ['failed', 'bad'],
  cancelled: ['cancelled', 'quiet'],
  'not-started': ['not started', 'bad'],
  unknown: ['unknown', 'bad'],
} as const satisfies Record<JobState, readonly [string, Tone]>;

const ended: readonly JobState[] = ['failed', 'cancelled', 'not-started', 'unknown'];

/** Keeps what the jobs themselves do not tell: when each ended, whether a completed one has made an image. */
export class Rows {
  readonly #scene: Scene;
  readonly #startedAt: number;
  readonly #endedAt = new Map<number, number>();
  /** Jobs that have completed without all of their images. */
  readonly #refused = new Set<number>();
  #cancelling = false;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#startedAt = scene.now();
  }

  /** Takes note of an event before the rows are looked at. */
  note({ type }: OperationEvent): void {
    this.#cancelling ||= type === 'cancelling';
    // A refusal has no event of its own; an image would have come before its progress.
    if (type !== 'progress' && type !== 'settled') return;
    for (const job of this.#scene.jobs()) {
      const isMissing = imagesOf(job).some((image) => !this.#scene.deliveries.has(image));
      if (job.state === 'succeeded' && isMissing) this.#refused.add(job.index);
    }
  }

  look(): Row[] {
    return this.#scene.jobs().map((job) => this.#rowOf(job));
  }

  #rowOf(job: JobSnapshot): Row {
    const [word, tone, isEnded] = this.#describe(job);
    if (isEnded && !this.#endedAt.has(job.index)) this.#endedAt.set(job.index, this.#scene.now());
    const elapsedMs = (this.#endedAt.get(job.index) ?? this.#scene.now()) - this.#startedAt;
    const label = labelOf(imagesOf(job), [job]);
    return { index: job.index, label, word, tone, name: job.name, ended: isEnded, elapsedMs };
  }

  #describe(job: JobSnapshot): readonly [string, Tone, boolean] {
    const images = imagesOf(job);
    const deliveries = images.flatMap((image) => this.#scene.deliveries.get(image) ?? []);
    if (deliveries.length === images.length) {
      return deliveries.every(({ problem }) => problem === undefined) ? ['done', 'good', true] : ['lost', 'bad', true];
    }
    if (this.#refused.has(job.index)) {
      return [images.length === 1 ? 'refused' : `${deliveries.length} of ${images.length} done`, 'bad', true];
    }
    if (ended.includes(job.state)) return [...words[job.state], true];
    return this.#cancelling ? ['cancelling', 'active', false] : [...words[job.state], false];
  }
}
