import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { build } from 'tsup';
import { hasBytes, tryCreate } from '../../src/cli/image-file.js';
import { temporaryFolder } from './temporary-folder.js';

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

test('a process that is killed while it writes leaves no half of an image', { timeout: 60_000 }, async () => {
  const size = 8_000_000;
  const program = await built();
  for (let round = 0; round < 12; round++) {
    const folder = temporaryFolder();
    const child = spawn(process.execPath, [program, folder, String(size)], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'close');
    const images = readdirSync(folder).filter((file) => !file.startsWith('.'));
    for (const file of images) expect(readFileSync(join(folder, file)).length).toBe(size);
  }
});

/** A program that writes large images until it is killed. */
async function built(): Promise<string> {
  const folder = temporaryFolder();
  const source = join(folder, 'write.ts');
  writeFileSync(
    source,
    `import { ImageFolder } from ${JSON.stringify(join(process.cwd(), 'src/cli/folder.ts'))};
const [, , folder = '', size = ''] = process.argv;
const images = new ImageFolder(folder, { force: false });
const image = { imageBytes: Buffer.alloc(Number(size)).toString('base64'), mimeType: 'image/png' };
for (let index = 0; ; index++) {
  process.stdout.write('.');
  images.save(index, image);
}`,
  );
  await build({
    entry: { write: source },
    outDir: folder,
    format: 'esm',
    silent: true,
    config: false,
    dts: false,
    outExtension: () => ({ js: '.mjs' }),
  });
  return join(folder, 'write.mjs');
}
