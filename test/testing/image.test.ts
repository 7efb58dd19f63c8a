import { inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { makeImage } from '../../src/testing/image.js';
import { tagOf } from './image-tag.js';

const TAG = { job: 'interactions/v1_abc', index: 3 };

function crc32(data: Uint8Array): number {
  let crc = ~0;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

/** Reads the chunks of a PNG as a strict decoder would: signature, lengths and check sums. */
function chunksOf(bytes: Uint8Array): { type: string; data: Uint8Array }[] {
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
  return chunks;
}

/** Reads the markers of a JPEG, and the length of each segment, up to its scan. */
function markersOf(bytes: Uint8Array): number[] {
  expect([bytes[0], bytes[1]]).toEqual([0xff, 0xd8]);
  expect([...bytes.subarray(-2)]).toEqual([0xff, 0xd9]);
  const markers: number[] = [];
  for (let offset = 2; markers.at(-1) !== 0xda;) {
    expect(bytes[offset]).toBe(0xff);
    markers.push(bytes[offset + 1] ?? 0);
    offset += 2 + (((bytes[offset + 2] ?? 0) << 8) | (bytes[offset + 3] ?? 0));
  }
  return markers;
}

test('a PNG has all its pixels, and the tag in a chunk with a right check sum', () => {
  const chunks = chunksOf(makeImage('image/png', TAG).bytes);
  expect(chunks.map(({ type }) => type)).toEqual(['IHDR', 'PLTE', 'IDAT', 'tEXt', 'IEND']);
  const [header, , data] = chunks.map((chunk) => Buffer.from(chunk.data));
  const [width = 0, height = 0, bits = 0] = [header?.readUInt32BE(0), header?.readUInt32BE(4), header?.readUInt8(8)];
  expect(inflateSync(data ?? Buffer.alloc(0))).toHaveLength(height * (1 + Math.ceil((width * bits) / 8)));
});

test('a JPEG has the tag in a comment in front of its tables', () => {
  const [comment, ...others] = markersOf(makeImage('image/jpeg', TAG).bytes);
  expect(comment).toBe(0xfe);
  expect(others).toEqual(expect.arrayContaining([0xdb, 0xc0, 0xc4, 0xda]));
  expect(others).not.toContain(0xfe);
});

test.each(['image/png', 'image/jpeg'] as const)('%s: the tag tells the images of two jobs apart', (mimeType) => {
  const image = makeImage(mimeType, TAG);
  expect(image.mimeType).toBe(mimeType);
  expect(Buffer.from(image.base64, 'base64').equals(image.bytes)).toBe(true);
  expect(tagOf(image.bytes)).toEqual(TAG);
  expect(makeImage(mimeType, { ...TAG }).base64).toBe(image.base64);
  expect(makeImage(mimeType, { ...TAG, index: 4 }).base64).not.toBe(image.base64);
  expect(makeImage(mimeType, { ...TAG, job: 'interactions/v1_abd' }).base64).not.toBe(image.base64);
});

test('other bytes have no tag', () => {
  expect(tagOf(Uint8Array.of(1, 2, 3))).toBeUndefined();
});
