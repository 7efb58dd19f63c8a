import type { GenerateImagesResponse, Image } from '../images/types.js';
import type { JobReference } from '../operation/job-snapshot.js';

/** More numbers than these are not listed one by one. */
const MAX_NAMED = 10;

/** Which images a job makes, from 0. */
export function imagesOf({ index, indices }: JobReference): readonly number[] {
  return indices ?? [index];
}

/** Images as people count them: `image 1`, `images 1, 3`, `images 1-50`. */
export function labelOf(images: readonly number[]): string {
  const numbers = images.map((image) => image + 1);
  const [first = 1] = numbers;
  if (numbers.length === 1) return `image ${first}`;
  const isRun = numbers.every((number, position) => number === first + position);
  if (isRun && numbers.length > 3) return `images ${first}-${first + numbers.length - 1}`;
  const named = numbers.slice(0, MAX_NAMED).join(', ');
  return numbers.length > MAX_NAMED ? `images ${named}, … (${numbers.length} in all)` : `images ${named}`;
}

/** The images of all jobs that have completed, in order: whatever became of each. */
export function completedImages(jobs: readonly JobReference[]): readonly number[] {
  return jobs
    .filter(({ state }) => state === 'succeeded')
    .flatMap(imagesOf)
    .sort((one, other) => one - other);
}

/**
 * The images of a response, with their positions in the operation. It does not tell them: it has an entry for each image that
 * was made or refused, in order. Where some of a batch have failed, they are numbered as they come.
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
