import type { OperationEvent } from '../../api/events.js';
import type { JobReference, JobSnapshot, JobState } from '../../api/snapshot.js';
import type { Deliveries } from '../folder.js';
import type { Tone } from '../output.js';

export interface Scene {
  readonly jobs: () => readonly JobSnapshot[];
  /** The images that have come so far, by index. */
  readonly deliveries: Deliveries;
  readonly now: () => number;
  /** The flags with which a command reaches the same server: `--base-url …`, or nothing. */
  readonly serverFlags: string;
}

/** More numbers than these are not listed one by one. */
const MAX_NAMED = 10;

export const imagesOf = ({ index, indices }: JobReference): readonly number[] => indices ?? [index];

/** Names images as people count them. A batch that is known by its name only does not tell their number before its end. */
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

export type Row = ReturnType<ReturnType<typeof rowsOf>['look']>[number];

type Standing = readonly [word: string, tone: Tone, isEnded: boolean];

const standings: Readonly<Record<JobState, Standing>> = {
  waiting: ['waiting', 'quiet', false],
  submitting: ['being sent', 'quiet', false],
  queued: ['queued', 'quiet', false],
  running: ['running', 'active', false],
  succeeded: ['running', 'active', false],
  failed: ['failed', 'bad', true],
  cancelled: ['cancelled', 'quiet', true],
  'not-started': ['not started', 'bad', true],
  unknown: ['unknown', 'bad', true],
};

/** Keeps what the jobs themselves do not tell: when each ended, whether a completed one has made an image. */
export function rowsOf({ jobs, deliveries, now }: Scene) {
  const startedAt = now();
  const endedAt = new Map<number, number>();
  /** Jobs that have completed, and can make no more images. */
  const completed = new Set<number>();

  const standingOf = (job: JobSnapshot, isCancelling: boolean): Standing => {
    const { length } = imagesOf(job);
    const made = imagesOf(job).flatMap((image) => deliveries.get(image) ?? []);
    const isLost = made.some(({ problem }) => problem !== undefined);
    if (made.length === length) return isLost ? ['lost', 'bad', true] : ['done', 'good', true];
    if (completed.has(job.index)) return [length === 1 ? 'refused' : `${made.length} of ${length} done`, 'bad', true];
    const standing = standings[job.state];
    return isCancelling && !standing[2] ? ['cancelling', 'active', false] : standing;
  };

  const rowOf = (job: JobSnapshot, isCancelling: boolean) => {
    const { index, name } = job;
    const [word, tone, isEnded] = standingOf(job, isCancelling);
    if (isEnded && !endedAt.has(index)) endedAt.set(index, now());
    const seconds = ((endedAt.get(index) ?? now()) - startedAt) / 1000;
    const elapsed = isEnded ? seconds.toFixed(1) : String(Math.floor(seconds));
    return { index, label: labelOf(imagesOf(job), [job]), word, tone, name, isEnded, elapsed };
  };

  return {
    /** Takes note of an event before the rows are looked at. */
    note: ({ type }: OperationEvent): void => {
      // A refusal has no event of its own; an image would have come before its progress.
      if (type !== 'progress' && type !== 'settled') return;
      for (const { state, index } of jobs()) if (state === 'succeeded') completed.add(index);
    },
    look: (isCancelling: boolean) => jobs().map((job) => rowOf(job, isCancelling)),
  };
}
