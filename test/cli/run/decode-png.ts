import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';

/** Throws for a file that is not a PNG with all its pixels. */
export function decodePng(path: string): void {
  const file = readFileSync(path);
  if (file.toString('latin1', 0, 8) !== '\u0089PNG\r\n\u001a\n') throw new Error('It has no signature.');
  const chunks = [...chunksOf(file)];
  const [header] = chunks;
  if (header?.type !== 'IHDR' || chunks.at(-1)?.type !== 'IEND') throw new Error('It is cut.');
  const [width, height] = [header.data.readUInt32BE(0), header.data.readUInt32BE(4)];
  const bitsPerPixel = header.data.readUInt8(8) * ([1, 0, 3, 1, 2, 0, 4][header.data.readUInt8(9)] ?? 0);
  const pixels = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data)));
  if (pixels.length !== height * (1 + Math.ceil((width * bitsPerPixel) / 8))) throw new Error('Pixels are missing.');
}

function* chunksOf(file: Buffer): Generator<{ type: string; data: Buffer }> {
  for (let at = 8; at < file.length;) {
    const length = file.readUInt32BE(at);
    yield { type: file.toString('latin1', at + 4, at + 8), data: file.subarray(at + 8, at + 8 + length) };
    at += 12 + length;
  }
}
