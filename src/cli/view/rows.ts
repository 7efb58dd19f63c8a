import type { JobReference, JobSnapshot } from '../../api/snapshot.js';
import type { Deliveries } from '../folder.js';

export interface Scene {
  readonly jobs: () => readonly JobSnapshot[];
  /** The images that have come so far, by index. */
  readonly deliveries: Deliveries;
  readonly now: () => number;
  /** The flags with which a command reaches the same server: `--base-url …`, or nothing. */
  readonly serverFlags: string;
}

/** More than these are not listed one by one. */
const MAX_LISTED = 10;

export function listText(all: readonly (number | string)[]): string {
  const listed = all.slice(0, MAX_LISTED).join(', ');
  return all.length > MAX_LISTED ? `${listed}, … (${all.length} in all)` : listed;
}

export const imagesOf = ({ index, indices }: JobReference): readonly number[] => indices ?? [index];

/** Names images as people count them. A batch that is known by its name only does not tell their number before its end. */
export function labelOf(images: readonly number[], jobs: readonly JobReference[]): string {
  if (jobs.length === 1 && jobs[0]?.backend === 'batches' && jobs[0].indices === undefined) return 'the batch';
  const numbers = images.map((image) => image + 1);
  const [first = 1] = numbers;
  if (numbers.length === 1) return `image ${first}`;
  const isRun = numbers.every((number, position) => number === first + position);
  if (isRun && numbers.length > 3) return `images ${first}-${first + numbers.length - 1}`;
  return `images ${listText(numbers)}`;
}
