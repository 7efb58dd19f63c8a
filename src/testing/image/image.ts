import { draw } from './draw.js';
import { encodeJpeg } from './jpeg.js';
import { encodePng } from './png.js';
import { hash } from './random.js';
import { pixelSize } from './size.js';

/** What decides how a picture looks: the same plan gives the same bytes. */
export interface ImagePlan {
  readonly prompt: string;
  /** Tells pictures of one prompt apart: the seed of the request, or the index of the job. */
  readonly variation: string;
  readonly mimeType: 'image/png' | 'image/jpeg';
  readonly aspectRatio?: string | undefined;
  readonly imageSize?: string | undefined;
}

/** A finished picture. */
export interface Image {
  readonly mimeType: string;
  readonly bytes: Uint8Array;
  readonly base64: string;
}

/** Draws and encodes the picture of a plan. */
export function makeImage(plan: ImagePlan): Image {
  const { width, height } = pixelSize(plan.aspectRatio, plan.imageSize);
  const picture = draw(width, height, hash(`${plan.variation}\n${plan.prompt}`));
  const bytes = plan.mimeType === 'image/jpeg' ? encodeJpeg(picture) : encodePng(picture);
  return { mimeType: plan.mimeType, bytes, base64: toBase64(bytes) };
}

function toBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  // In pieces: the arguments of one call are limited.
  for (let offset = 0; offset < bytes.length; offset += 0x2000) {
    parts.push(String.fromCharCode.apply(null, bytes.subarray(offset, offset + 0x2000) as unknown as number[]));
  }
  return btoa(parts.join(''));
}
