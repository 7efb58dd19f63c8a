import type { GenerateImagesResponse, Image } from '../../../src/api/images.js';

/** Tells an image from all others: its bytes, or its address. */
export function keyOf({ imageBytes, gcsUri }: Image): string {
  return imageBytes ?? gcsUri ?? '';
}

export function keysIn(response: GenerateImagesResponse | undefined): readonly string[] {
  return (response?.generatedImages ?? []).flatMap(({ image }) => (image === undefined ? [] : [keyOf(image)]));
}
