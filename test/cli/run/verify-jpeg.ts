import { readFileSync } from 'node:fs';
import { makeImage } from '../../../src/testing/image.js';
import { tagOf } from '../../testing/image-tag.js';

/** Throws for a file that is not a JPEG of the emulator, byte for byte. */
export function verifyJpeg(path: string): void {
  const bytes = readFileSync(path);
  const tag = tagOf(bytes);
  if (tag === undefined) throw new Error('It is no image of the emulator.');
  if (!bytes.equals(makeImage('image/jpeg', tag).bytes)) throw new Error('It is cut, or has other bytes.');
}
