import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as core from '../../src/index.js';
import { saveImage } from '../../src/node.js';
import { temporaryFolder } from '../cli/temporary-folder.js';

const image = { imageBytes: Buffer.from('an image').toString('base64'), mimeType: 'image/png' };

test('the file is there before the promise has settled, and the promise gives its path', async () => {
  const path = join(temporaryFolder(), 'fog.png');
  const saving = saveImage(image, path);
  expect(readFileSync(path, 'utf8')).toBe('an image');
  expect(await saving).toBe(path);
});

test('a file of that name is replaced, and what a link leads to is left alone', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'other'), 'theirs');
  symlinkSync(join(folder, 'other'), join(folder, 'fog.png'));
  for (let time = 0; time < 2; time++) await saveImage(image, join(folder, 'fog.png'));
  expect(readdirSync(folder)).toEqual(['fog.png', 'other']);
  expect(readFileSync(join(folder, 'other'), 'utf8')).toBe('theirs');
  expect(readFileSync(join(folder, 'fog.png'), 'utf8')).toBe('an image');
});

test('a name may be as long as the file system takes', async () => {
  const path = join(temporaryFolder(), `${'n'.repeat(251)}.png`);
  expect(await saveImage(image, path)).toBe(path);
});

test.each([
  ['half of the bytes', { imageBytes: image.imageBytes.slice(0, 9) }, /not base64/],
  ['no bytes', { imageBytes: '====' }, /an empty image/],
  ['an address', { gcsUri: 'gs://bucket/fog.png' }, 'The server sent no image, but its address: gs://bucket/fog.png.'],
])('%s: nothing is written', async (_, given, message) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'fog.png'), 'old');
  await expect(saveImage(given, join(folder, 'fog.png'))).rejects.toThrow(message);
  expect(readdirSync(folder)).toEqual(['fog.png']);
  expect(readFileSync(join(folder, 'fog.png'), 'utf8')).toBe('old');
});

test.each([
  ['an entry of the response', { image }, 'fog.png'],
  ['only the bytes', image.imageBytes, 'fog.png'],
  ['bytes in another form', { imageBytes: Buffer.from('an image') }, 'fog.png'],
  ['no path', image, undefined as unknown as string],
  ['an empty path', image, ''],
])('%s is a mistake', async (_, given, path) => {
  await expect(saveImage(given as object, path)).rejects.toThrow(TypeError);
});

test('the place of a folder is not taken, and a missing folder is not made', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'fog.png'));
  await expect(saveImage(image, join(folder, 'fog.png'))).rejects.toThrow('is a folder');
  await expect(saveImage(image, join(folder, 'none', 'fog.png'))).rejects.toThrow('ENOENT');
  expect(readdirSync(folder)).toEqual(['fog.png']);
});

test('without a file system it says so', async () => {
  await expect(core.saveImage(image, 'fog.png')).rejects.toThrow('saveImage() needs the file system');
});
