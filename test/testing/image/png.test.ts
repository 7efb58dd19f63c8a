import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { makeImage, type ImagePlan } from '../../../src/testing/image/image.js';
import { ASPECT_RATIOS, IMAGE_SIZES, pixelSize } from '../../../src/testing/image/size.js';

const PLAN: ImagePlan = { prompt: 'a red fox', variation: 'job 0', mimeType: 'image/png' };

function crc32(data: Uint8Array): number {
  let crc = ~0;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

/** Reads a PNG as a strict decoder would: signature, chunk order, check sums, and as many bytes as the header says. */
function decode(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  expect([...bytes.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
  const chunks: { type: string; data: Uint8Array }[] = [];
  for (let offset = 8; offset < bytes.length;) {
    const length = view.getUint32(offset);
    const body = bytes.subarray(offset + 4, offset + 8 + length);
    expect(view.getUint32(offset + 8 + length)).toBe(crc32(body));
    chunks.push({ type: String.fromCharCode(...body.subarray(0, 4)), data: body.subarray(4) });
    offset += 12 + length;
  }
  expect(chunks.map(({ type }) => type)).toEqual(['IHDR', 'PLTE', 'IDAT', 'IEND']);
  const [header, palette, data] = chunks.map((chunk) => chunk.data);
  if (!header || !palette || !data) throw new Error('chunks are missing');
  const headerView = new DataView(header.buffer, header.byteOffset);
  const [width, height] = [headerView.getUint32(0), headerView.getUint32(4)];
  expect([...header.subarray(8)]).toEqual([8, 3, 0, 0, 0]);
  // zlib checks Adler-32 itself.
  const rows = inflateSync(data);
  expect(rows.length).toBe((width + 1) * height);
  for (let y = 0; y < height; y += 1) expect(rows[y * (width + 1)]).toBe(0);
  return { width, height, colours: palette.length / 3, values: new Set(rows).size };
}

describe.each(IMAGE_SIZES)('%s', (imageSize) => {
  test.each(ASPECT_RATIOS)('%s is a PNG of that shape', (aspectRatio) => {
    const { bytes, base64, mimeType } = makeImage({ ...PLAN, aspectRatio, imageSize });
    const { width, height, colours, values } = decode(bytes);
    const [across = 1, down = 1] = aspectRatio.split(':').map(Number);
    expect({ width, height }).toEqual(pixelSize(aspectRatio, imageSize));
    expect(Math.abs(Math.log(width / height / (across / down)))).toBeLessThan(0.1);
    expect(colours).toBe(256);
    expect(values).toBeGreaterThan(50);
    expect(mimeType).toBe('image/png');
    expect(Buffer.from(base64, 'base64').equals(bytes)).toBe(true);
  });
});

test('1K square is 256 × 256, and larger sizes are larger', () => {
  expect(pixelSize()).toEqual({ width: 256, height: 256 });
  const areas = IMAGE_SIZES.map((size) => pixelSize('16:9', size)).map(({ width, height }) => width * height);
  expect(areas).toEqual([...areas].sort((a, b) => a - b));
});

test('the same plan gives the same bytes; another prompt or variation others', () => {
  const { base64 } = makeImage(PLAN);
  expect(makeImage({ ...PLAN }).base64).toBe(base64);
  expect(makeImage({ ...PLAN, prompt: 'a red fax' }).base64).not.toBe(base64);
  expect(makeImage({ ...PLAN, variation: 'job 1' }).base64).not.toBe(base64);
});
