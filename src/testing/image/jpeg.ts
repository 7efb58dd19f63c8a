import type { Picture } from './draw.js';
import { concat } from './png.js';

/** Code lengths and symbols of the standard table for luminance DC (ITU-T T.81, table K.3). */
const DC_COUNTS = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
const DC_SYMBOLS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const DC_CODES = huffmanCodes(DC_COUNTS);
/** Blocks are flat, so the only AC symbol ever needed is "end of block": one code, a single 0 bit. */
const AC_COUNTS = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const END_OF_BLOCK = 0x00;

/** A baseline JPEG in flat blocks of 8 × 8 pixels; width and height must be multiples of 8. */
export function encodeJpeg(picture: Picture): Uint8Array {
  const { width, height } = picture;
  return concat([
    Uint8Array.of(0xff, 0xd8),
    segment(0xe0, [0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]),
    // A quantiser of 8 makes the DC coefficient of a flat block its value itself.
    segment(0xdb, [0, ...Array<number>(64).fill(8)]),
    segment(0xc0, [
      8,
      height >> 8,
      height & 0xff,
      width >> 8,
      width & 0xff,
      3,
      ...[1, 2, 3].flatMap((c) => [c, 0x11, 0]),
    ]),
    segment(0xc4, [0x00, ...DC_COUNTS, ...DC_SYMBOLS]),
    segment(0xc4, [0x10, ...AC_COUNTS, END_OF_BLOCK]),
    segment(0xda, [3, ...[1, 2, 3].flatMap((c) => [c, 0x00]), 0, 63, 0]),
    scan(picture),
    Uint8Array.of(0xff, 0xd9),
  ]);
}

function segment(marker: number, data: readonly number[]): Uint8Array {
  const length = data.length + 2;
  return Uint8Array.from([0xff, marker, length >> 8, length & 0xff, ...data]);
}

function scan(picture: Picture): Uint8Array {
  const bits = new BitWriter();
  const previous: [number, number, number] = [0, 0, 0];
  for (let y = 0; y < picture.height; y += 8) {
    for (let x = 0; x < picture.width; x += 8) {
      yCbCr(picture, x + 4, y + 4).forEach((value, component) => {
        writeDc(bits, value - (previous[component] ?? 0));
        bits.write(0, 1);
        previous[component] = value;
      });
    }
  }
  return bits.finish();
}

/** The colour of a pixel as JPEG has it, each part from -128 to 127. */
function yCbCr({ palette, pixels, width }: Picture, x: number, y: number): readonly number[] {
  const colour = (pixels[y * width + x] ?? 0) * 3;
  const [r = 0, g = 0, b = 0] = palette.subarray(colour, colour + 3);
  return [
    Math.round(0.299 * r + 0.587 * g + 0.114 * b) - 128,
    Math.round(-0.168736 * r - 0.331264 * g + 0.5 * b),
    Math.round(0.5 * r - 0.418688 * g - 0.081312 * b),
  ];
}

function writeDc(bits: BitWriter, difference: number): void {
  const size = 32 - Math.clz32(Math.abs(difference));
  const { code, length } = DC_CODES[size] ?? { code: 0, length: 0 };
  bits.write(code, length);
  bits.write(difference < 0 ? difference + (1 << size) - 1 : difference, size);
}

function huffmanCodes(counts: readonly number[]): { code: number; length: number }[] {
  let code = 0;
  return counts.flatMap((count, i) => {
    const codes = Array.from({ length: count }, (_, n) => ({ code: code + n, length: i + 1 }));
    code = (code + count) << 1;
    return codes;
  });
}

class BitWriter {
  readonly #bytes: number[] = [];
  #pending = 0;
  #count = 0;

  write(value: number, length: number): void {
    for (let bit = length - 1; bit >= 0; bit -= 1) {
      this.#pending = (this.#pending << 1) | ((value >> bit) & 1);
      this.#count += 1;
      if (this.#count === 8) this.#flush();
    }
  }

  finish(): Uint8Array {
    while (this.#count !== 0) this.write(1, 1);
    return Uint8Array.from(this.#bytes);
  }

  #flush(): void {
    this.#bytes.push(this.#pending);
    // A 0xFF in the scan would be read as a marker.
    if (this.#pending === 0xff) this.#bytes.push(0);
    this.#pending = 0;
    this.#count = 0;
  }
}
