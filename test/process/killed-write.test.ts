import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'tsup';
import { expect, test } from 'vitest';
import { ImageFolder } from '../../src/cli/folder.js';
import { temporaryFolder } from '../cli/temporary-folder.js';

const IMAGE = { imageBytes: Buffer.from('half').toString('base64'), mimeType: 'image/png' };

test('a process that is killed while it writes leaves no half of an image', async () => {
  const folder = temporaryFolder();
  const child = spawn(process.execPath, [await built(), folder], { stdio: 'inherit' });
  expect(await once(child, 'close')).toEqual([null, 'SIGKILL']);
  const [file = '', ...others] = readdirSync(folder);
  // The rest does not look like an image, and takes no image's name.
  expect([file.startsWith('.'), others]).toEqual([true, []]);
  expect(readFileSync(join(folder, file), 'utf8')).toBe('ha');
  expect(new ImageFolder(folder, { force: false }).save(IMAGE, 0)).toMatchObject({ path: join(folder, 'image-1.png') });
});

/** Builds a program that writes an image and is killed in the middle of it. */
async function built(): Promise<string> {
  const folder = temporaryFolder();
  const source = join(folder, 'write.ts');
  writeFileSync(
    source,
    `import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { ImageFolder } from ${JSON.stringify(join(process.cwd(), 'src/cli/folder.ts'))};
const images = new ImageFolder(process.argv[2] ?? '', { force: false });
const { writeFileSync } = fs;
fs.writeFileSync = (path, bytes, options) => {
  writeFileSync(path, bytes.subarray(0, bytes.length / 2), options);
  process.kill(process.pid, 'SIGKILL');
};
syncBuiltinESMExports();
images.save(${JSON.stringify(IMAGE)}, 0);
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
