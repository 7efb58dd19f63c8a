import type { GenerateImagesResponse, Image } from '../api/images.js';
import type { JobReference } from '../api/snapshot.js';
import type { Deliveries } from './folder.js';

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

/**
 * Returns the images of a response with their positions in the operation. A response does not tell these: it has an entry for
 * each image that was made or refused, in order. Where some of a batch have failed, they are numbered as they come.
 */
export function numberedImages(
  jobs: readonly JobReference[],
  { generatedImages }: GenerateImagesResponse,
): readonly { readonly index: number; readonly image: Image }[] {
  const completed = completedImages(jobs);
  const isClear = completed.length === generatedImages.length;
  return generatedImages.flatMap(({ image }, position) => {
    const index = isClear ? (completed[position] ?? position) : position;
    return image === undefined ? [] : [{ index, image }];
  });
}

/** Returns why the model refused which images. Where some of a batch have failed, that cannot always be told. */
export function refusalsOf(
  { jobs, deliveries }: { jobs: () => readonly JobReference[]; deliveries: Deliveries },
  response: GenerateImagesResponse | undefined,
): ReadonlyMap<number, string> {
  let entries = response?.generatedImages ?? [];
  let images = completedImages(jobs());
  if (images.length !== entries.length) {
    images = images.filter((image) => !deliveries.has(image));
    entries = entries.filter(({ raiFilteredReason }) => raiFilteredReason !== undefined);
  }
  const refusals = new Map<number, string>();
  for (const [position, image] of images.entries()) {
    const reason = entries[position]?.raiFilteredReason;
    if (reason !== undefined && images.length === entries.length) refusals.set(image, reason);
  }
  return refusals;
}

/** Returns the images of all jobs that have completed, in order: whatever became of each. */
function completedImages(jobs: readonly JobReference[]): readonly number[] {
  return jobs
    .filter(({ state }) => state === 'succeeded')
    .flatMap(imagesOf)
    .sort((one, other) => one - other);
}
