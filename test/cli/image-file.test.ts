import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { build } from 'tsup';
import { ImageFolder } from '../../src/cli/folder.js';
import { hasBytes, tryCreate } from '../../src/cli/image-file.js';
import { leftOutOn } from '../support/runtime.js';
import { temporaryFolder } from './temporary-folder.js';

const BYTES = Buffer.from('new');
const IMAGE = { imageBytes: Buffer.from('half').toString('base64'), mimeType: 'image/png' };

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

const noMoment =
  'What is put into `node:fs` is not seen by those who import its names: there is no middle to be killed in.';
const killed = { timeout: 60_000, ...leftOutOn({ Bun: noMoment, Deno: noMoment }) };
test('a process that is killed while it writes leaves no half of an image', killed, async () => {
  const folder = temporaryFolder();
  const child = spawn(process.execPath, [await built(), folder], { stdio: 'inherit' });
  expect(await once(child, 'close')).toEqual([null, 'SIGKILL']);
  const [file = '', ...others] = readdirSync(folder);
  // What it has left does not look like an image, and is in nobody's way.
  expect([file.startsWith('.'), others]).toEqual([true, []]);
  expect(readFileSync(join(folder, file), 'utf8')).toBe('ha');
  expect(new ImageFolder(folder, { force: false }).save(0, IMAGE)).toMatchObject({ path: join(folder, 'image-1.png') });
});

/** A program that writes an image, and is killed in the middle of it. */
async function built(): Promise<string> {
  const folder = temporaryFolder();
  const source = join(folder, 'write.ts');
  writeFileSync(
    source,
    `import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { ImageFolder } from ${JSON.stringify(join(process.cwd(), 'src/cli/folder.ts'))};
const { writeFileSync } = fs;
fs.writeFileSync = (path, bytes, options) => {
  writeFileSync(path, bytes.subarray(0, bytes.length / 2), options);
  process.kill(process.pid, 'SIGKILL');
};
syncBuiltinESMExports();
new ImageFolder(process.argv[2] ?? '', { force: false }).save(0, ${JSON.stringify(IMAGE)});
`,
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
