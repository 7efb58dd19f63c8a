import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../temporary-folder.js';
import { PROMPT, setUp } from './cli.js';
import { verifyJpeg } from './verify-jpeg.js';

const refusing = { kind: 'background-refused', route: 'create' } as const;

test('a model that does not run in the background is made all the same, and it is said that nothing can stop it', async () => {
  const { run } = await setUp({ faults: [refusing] });
  const out = temporaryFolder();
  const ended = await run(['generate', PROMPT, '-o', out]);
  expect(ended).toMatchObject({ code: 0 });
  expect(ended.stderr).toMatch(/^Note: gemini-\S+ cannot be cancelled on the server/m);
  expect(readdirSync(out)).toHaveLength(1);
});

test('SIGINT then: says that the server cannot be told, waits for the image in the making, and writes it', async () => {
  const { emulator, start } = await setUp({ workMs: 2_500, faults: [refusing] });
  const out = temporaryFolder();
  const cli = start(['generate', PROMPT, '-o', out, '-n', '3']);
  await emulator.waitFor(({ jobs }) => jobs.length === 1);
  await cli.says(/image 1: running/);
  cli.kill('SIGINT');
  const { signal, stderr, stdout } = await cli.ended;
  expect(signal).toBe('SIGINT');
  expect(stderr).toMatch(/^image 1: cannot be cancelled: it runs to its end on the server, and is waited for$/m);
  expect(stderr).toMatch(/^In all: 1 may still be made, 2 not started\.$/m);
  const [file = '', ...others] = readdirSync(out);
  expect([stdout, others]).toEqual([`${join(out, file)}\n`, []]);
  verifyJpeg(join(out, file));
  expect(emulator.meter.jobs.map(({ endReason }) => endReason)).toEqual(['completed']);
});

test('a second SIGINT does not wait', async () => {
  const { emulator, start } = await setUp({ workMs: 60_000, faults: [refusing] });
  const cli = start(['generate', PROMPT, '-o', temporaryFolder()]);
  await emulator.waitFor(({ jobs }) => jobs.length === 1);
  await cli.says(/image 1: running/);
  cli.kill('SIGINT');
  await cli.says(/Stopping here/);
  setTimeout(() => cli.kill('SIGINT'), 700);
  const { signal, stderr } = await cli.ended;
  expect(signal).toBe('SIGINT');
  expect(stderr).toMatch(/^Stopping here; the server cannot be told\. \(press Ctrl\+C again to leave at once\)$/m);
  expect(stderr).toMatch(/^image 1: cannot be cancelled: it runs to its end on the server, and is waited for$/m);
  expect(stderr).toMatch(/image is lost/);
  expect(stderr).toMatch(/^Billing: full\. /m);
  expect(emulator.meter.running()).toHaveLength(1);
});

test('when the time is up, what could not be stopped is waited for and written', async () => {
  const { emulator, run } = await setUp({ workMs: 1_500, honoursServerTimeout: false, faults: [refusing] });
  const out = temporaryFolder();
  const ended = await run(['generate', PROMPT, '-o', out, '--timeout', '0.6']);
  expect(ended).toMatchObject({ code: 0 });
  expect(ended.stderr).toMatch(/^The time is up\. Stopping here; the server cannot be told\.$/m);
  const [file = ''] = readdirSync(out);
  verifyJpeg(join(out, file));
  expect(emulator.meter.jobs.map(({ endReason }) => endReason)).toEqual(['completed']);
});

test('--require-cancelable: nothing is started', async () => {
  const { emulator, run } = await setUp({ faults: [refusing] });
  const ended = await run(['generate', PROMPT, '-o', temporaryFolder(), '--require-cancelable']);
  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(emulator.meter.jobs).toEqual([]);
});
