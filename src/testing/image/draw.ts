import { random } from './random.js';

/** A picture with at most 256 colours. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** 256 colours, three bytes each: red, green, blue. */
  readonly palette: Uint8Array;
  /** One byte a pixel, row by row: the number of its colour. */
  readonly pixels: Uint8Array;
}

/** A soft pattern of waves in a few colours, all chosen by the seed. */
export function draw(width: number, height: number, seed: number): Picture {
  const next = random(seed);
  const palette = drawPalette(next);
  // Waves along three axes, tabulated: a sine for every pixel would take longer than all the rest.
  const across = wave(width, next);
  const down = wave(height, next);
  const diagonal = wave(width + height, next);
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const sum = (across[x] ?? 0) + (down[y] ?? 0) + (diagonal[x + y] ?? 0);
      pixels[y * width + x] = (sum * 85) & 0xff;
    }
  }
  return { width, height, palette, pixels };
}

function wave(length: number, next: () => number): Float64Array {
  const turns = (0.5 + 2 * next()) * 2 * Math.PI;
  const shift = next() * 2 * Math.PI;
  return Float64Array.from({ length }, (_, i) => (1 + Math.sin(shift + (turns * i) / length)) / 2);
}

/** A closed circle through four colours, so that the pattern has no hard edge where the numbers wrap round. */
function drawPalette(next: () => number): Uint8Array {
  const stops = Array.from({ length: 4 }, () => [next(), next(), next()].map((part) => 40 + part * 200));
  const palette = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i += 1) {
    const from = stops[i >> 6] ?? [];
    const to = stops[((i >> 6) + 1) % 4] ?? [];
    const share = (i & 63) / 64;
    for (let part = 0; part < 3; part += 1) {
      palette[i * 3 + part] = Math.round((from[part] ?? 0) * (1 - share) + (to[part] ?? 0) * share);
    }
  }
  return palette;
}
