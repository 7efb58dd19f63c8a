import type { GenerateImagesResponse } from '../../images/types.js';
import { completedImages } from '../images-of.js';
import { harmless } from './paint.js';
import type { Scene } from './view.js';

/**
 * Why the model refused which images. The response has an entry for every image that was made or refused, in order, and does
 * not say which is whose: where some of a batch have failed, that cannot always be told.
 */
export function refusalsOf(
  { jobs, deliveries }: Scene,
  response: GenerateImagesResponse | undefined,
): ReadonlyMap<number, string> {
  const entries = response?.generatedImages ?? [];
  const completed = completedImages(jobs());
  if (completed.length === entries.length) return reasons(completed, entries);
  const missing = completed.filter((image) => !deliveries.has(image));
  const refused = entries.filter(({ raiFilteredReason }) => raiFilteredReason !== undefined);
  return missing.length === refused.length ? reasons(missing, refused) : new Map();
}

function reasons(
  images: readonly number[],
  entries: GenerateImagesResponse['generatedImages'],
): ReadonlyMap<number, string> {
  return new Map(
    entries.flatMap(({ raiFilteredReason }, position) => {
      const image = images[position];
      return image === undefined || raiFilteredReason === undefined ? [] : [[image, harmless(raiFilteredReason)]];
    }),
  );
}
