import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hasBytes, tryCreate } from '../../src/node/image-file.js';
import { temporaryFolder } from '../cli/temporary-folder.js';

const BYTES = Buffer.from('new');

function refusing(code: string): () => never {
  return () => {
    throw Object.assign(new Error(code), { code });
  };
}

describe('where the file system knows no links', () => {
  test.each(['EPERM', 'ENOTSUP', 'ENOSYS'])('%s: the file is made all the same', (code) => {
    const folder = temporaryFolder();
    const path = join(folder, 'image-1.png');
    expect(tryCreate(path, BYTES, refusing(code))).toBe(true);
    expect(readdirSync(folder)).toEqual(['image-1.png']);
    expect(hasBytes(path, BYTES)).toBe(true);
  });

  test('what appears meanwhile is left alone', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'image-1.png');
    const appear = (): never => {
      writeFileSync(path, 'old');
      return refusing('EPERM')();
    };
    expect(tryCreate(path, BYTES, appear)).toBe(false);
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['image-1.png']);
  });
});

test('what appears before the link is left alone', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'image-1.png');
  expect(tryCreate(path, BYTES, refusing('EEXIST'))).toBe(false);
  expect(readdirSync(folder)).toEqual([]);
});

test('another failure is thrown, and leaves nothing behind', () => {
  const folder = temporaryFolder();
  expect(() => tryCreate(join(folder, 'image-1.png'), BYTES, refusing('EIO'))).toThrow('EIO');
  expect(readdirSync(folder)).toEqual([]);
});
