/** Aspect ratios that Google's interactions accept. */
export const ASPECT_RATIOS = '1:1 2:3 3:2 3:4 4:3 4:5 5:4 9:16 16:9 21:9 1:8 8:1 1:4 4:1'.split(' ');

/**
 * Side of the square with the area of the picture, in pixels, for each of Google's image sizes. Much smaller than the
 * real thing, in the same order, so that tests stay quick and a picture can still be told to be a "larger" one.
 */
const SIDES: Readonly<Record<string, number>> = { '512': 128, '1K': 256, '2K': 384, '4K': 512 };

/** Image sizes that Google's interactions accept. */
export const IMAGE_SIZES = Object.keys(SIDES);

/** Width and height in pixels, both multiples of 8, as near to the aspect ratio as that allows. */
export function pixelSize(aspectRatio = '1:1', imageSize = '1K'): { width: number; height: number } {
  const [across = 1, down = 1] = aspectRatio.split(':').map(Number);
  const side = SIDES[imageSize] ?? 256;
  const ratio = Math.sqrt(across / down);
  return { width: roundTo8(side * ratio), height: roundTo8(side / ratio) };
}

const roundTo8 = (pixels: number): number => Math.max(8, Math.round(pixels / 8) * 8);
