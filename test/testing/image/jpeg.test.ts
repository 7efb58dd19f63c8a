import { describe, expect, test } from 'vitest';
import { draw } from '../../../src/testing/image/draw.js';
import { encodeJpeg } from '../../../src/testing/image/jpeg.js';
import { makeImage } from '../../../src/testing/image/image.js';
import { ASPECT_RATIOS } from '../../../src/testing/image/size.js';

interface Segment {
  marker: number;
  data: number[];
}

/** Splits a JPEG into its segments and the bits of its only scan. */
function split(bytes: Uint8Array): { segments: Segment[]; bits: string } {
  expect([bytes[0], bytes[1]]).toEqual([0xff, 0xd8]);
  expect([...bytes.subarray(-2)]).toEqual([0xff, 0xd9]);
  const segments: Segment[] = [];
  let offset = 2;
  while (segments.at(-1)?.marker !== 0xda) {
    expect(bytes[offset]).toBe(0xff);
    const length = ((bytes[offset + 2] ?? 0) << 8) | (bytes[offset + 3] ?? 0);
    segments.push({ marker: bytes[offset + 1] ?? 0, data: [...bytes.subarray(offset + 4, offset + 2 + length)] });
    offset += 2 + length;
  }
  const scan: number[] = [];
  for (let i = offset; i < bytes.length - 2; i += 1) {
    scan.push(bytes[i] ?? 0);
    if (bytes[i] === 0xff) expect(bytes[(i += 1)]).toBe(0);
  }
  return { segments, bits: scan.map((byte) => byte.toString(2).padStart(8, '0')).join('') };
}

function huffman(data: readonly number[]): Map<string, number> {
  const codes = new Map<string, number>();
  let code = 0;
  let next = 17;
  for (let length = 1; length <= 16; length += 1) {
    for (let n = 0; n < (data[length] ?? 0); n += 1) {
      codes.set(code.toString(2).padStart(length, '0'), data[next] ?? 0);
      expect(code).toBeLessThan((1 << length) - 1);
      code += 1;
      next += 1;
    }
    code <<= 1;
  }
  expect(next).toBe(data.length);
  return codes;
}

/** A decoder for flat blocks, written from the standard: the colours of the blocks, row by row. */
function decode(bytes: Uint8Array) {
  const { segments, bits } = split(bytes);
  expect(segments.map(({ marker }) => marker)).toEqual([0xe0, 0xdb, 0xc0, 0xc4, 0xc4, 0xda]);
  const [, quantiser, frame, dcTable, acTable] = segments.map(({ data }) => data);
  if (!quantiser || !frame || !dcTable || !acTable) throw new Error('segments are missing');
  expect([dcTable[0], acTable[0]]).toEqual([0x00, 0x10]);
  const [dc, ac] = [huffman(dcTable), huffman(acTable)];
  const height = ((frame[1] ?? 0) << 8) | (frame[2] ?? 0);
  const width = ((frame[3] ?? 0) << 8) | (frame[4] ?? 0);
  let at = 0;
  const symbol = (codes: Map<string, number>): number => {
    for (let length = 1; length <= 16; length += 1) {
      const found = codes.get(bits.slice(at, at + length));
      if (found === undefined) continue;
      at += length;
      return found;
    }
    throw new Error(`no code at bit ${at} of ${bits.length}`);
  };
  const last = [0, 0, 0];
  const blocks: number[][] = [];
  for (let i = 0; i < (width / 8) * (height / 8); i += 1) {
    blocks.push(
      last.map((previous, component) => {
        const size = symbol(dc);
        const raw = size === 0 ? 0 : parseInt(bits.slice(at, at + size), 2);
        at += size;
        const difference = size > 0 && raw < 1 << (size - 1) ? raw - (1 << size) + 1 : raw;
        expect(symbol(ac)).toBe(0);
        return (last[component] = previous + difference);
      }),
    );
  }
  expect(bits.length - at).toBeLessThan(8);
  expect(bits.slice(at)).toMatch(/^1*$/);
  const scale = (quantiser[1] ?? 0) / 8;
  return { width, height, blocks: blocks.map(([y = 0, cb = 0, cr = 0]) => toRgb(y * scale, cb * scale, cr * scale)) };
}

const toRgb = (y: number, cb: number, cr: number): number[] => [
  y + 128 + 1.402 * cr,
  y + 128 - 0.344136 * cb - 0.714136 * cr,
  y + 128 + 1.772 * cb,
];

describe('a baseline JPEG', () => {
  test.each(ASPECT_RATIOS)('of the shape %s', (aspectRatio) => {
    const { bytes, mimeType } = makeImage({ prompt: 'fox', variation: '1', mimeType: 'image/jpeg', aspectRatio });
    const { width, height } = decode(bytes);
    const [across = 1, down = 1] = aspectRatio.split(':').map(Number);
    expect(Math.abs(Math.log(width / height / (across / down)))).toBeLessThan(0.1);
    expect(mimeType).toBe('image/jpeg');
  });

  test('of hard edges, whose scan has bytes that look like markers', () => {
    const palette = new Uint8Array(256 * 3).fill(255, 3);
    // From black to white and back, at uneven intervals so that the codes fall on all positions in a byte.
    const pixels = Uint8Array.from({ length: 1024 * 8 }, (_, i) => (((i % 1024) >> 3) % 5) % 2);
    const bytes = encodeJpeg({ width: 1024, height: 8, palette, pixels });
    expect(decode(bytes).blocks.map(([red = 0]) => Math.round(red / 255))).toEqual(
      Array.from({ length: 128 }, (_, i) => (i % 5) % 2),
    );
    expect(bytes.findIndex((byte, i) => i >= 200 && byte === 0xff && bytes[i + 1] === 0)).toBeGreaterThan(0);
  });

  test.each([1, 2, 3, 4, 5])('with the colours of the picture (seed %i)', (seed) => {
    const picture = draw(96, 64, seed);
    const { width, height, blocks } = decode(encodeJpeg(picture));
    expect({ width, height }).toEqual({ width: 96, height: 64 });
    blocks.forEach((rgb, i) => {
      const [x, y] = [(i % 12) * 8 + 4, Math.floor(i / 12) * 8 + 4];
      const colour = (picture.pixels[y * 96 + x] ?? 0) * 3;
      rgb.forEach((part, k) => expect(Math.abs(part - (picture.palette[colour + k] ?? 0))).toBeLessThan(3));
    });
  });
});
