import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { fixture, setUp } from './harness/set-up.js';
import { inFlight, wire } from './harness/wire.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

test.each([
  ['two copies of the library', secondCopy],
  // An application that imports the library, with a dependency that requires it.
  ['the ES module and the CommonJS of the library', () => 'genai-cancel'],
])('%s share one listener a signal and one sweep, and both jobs are cancelled', async (_, place) => {
  const { emulator, run } = await setUp();
  const script = run(fixture('two-copies'), { env: { SECOND_COPY: await place() } });
  expect(await script.value('is a copy')).toBe(true);
  expect(await script.value('listeners')).toEqual([1, 1, 1]);
  await inFlight(emulator, 2);
  script.child.kill('SIGINT');
  expect(await script.ended).toEqual([null, 'SIGINT']);
  expect(wire(emulator)).toEqual({ creates: 2, cancels: 2, jobs: ['cancelled', 'cancelled'] });
  expect(script.output.match(/^genai-cancel: .*/gm)).toEqual([
    'genai-cancel: SIGINT: cancelling 2 jobs on the server. Press Ctrl+C again to quit now.',
    'genai-cancel: images: 2 cancelled (confirmed by the server).',
  ]);
});

/** The build once more, at another place. */
async function secondCopy(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'genai-cancel-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await cp(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'genai-cancel', type: 'module' }));
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return pathToFileURL(join(folder, 'dist', 'node.js')).href;
}
