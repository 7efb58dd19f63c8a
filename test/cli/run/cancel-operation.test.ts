import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../temporary-folder.js';
import { PROMPT, setUp, type Setting } from './cli.js';
import { verifyJpeg } from './verify-jpeg.js';
import { contentsOf, jobOf, namesIn, plant, recordOf, startBatch, startJob } from './records.js';

const ID = '0a1b2c01';
const DISPLAY_NAME = `genai-cancel-${'a'.repeat(32)}`;

async function plantJobs({ journal, url }: Setting, ...names: string[]): Promise<void> {
  const jobs = names.map((name, index) => jobOf(name, { index }));
  const backend = jobs[0]?.backend ?? 'interactions';
  await plant(journal, recordOf({ id: ID, backend, server: { vertexai: false, origin: url }, jobs }));
}

describe('a batch, by its name', () => {
  test('is cancelled, and the server asked whether it is', async () => {
    const setting = await setUp({ workMs: 60_000, batchQueueMs: 60_000 });
    const name = await startBatch(setting, 3);
    const ended = await setting.run(['cancel', name]);
    expect(ended).toMatchObject({ code: 0, stdout: '' });
    expect(ended.stderr).toMatch(
      /^In \d\.\d s: 1 cancelled \(confirmed by the server\)\.\nNothing still runs\.\nBilling: .+\n$/,
    );
    expect(setting.emulator.meter.running()).toEqual([]);
    expect(setting.emulator.meter.requestsTo('batch-cancel')).toHaveLength(1);
  });

  test('that had completed gives its images', async () => {
    const setting = await setUp({ workMs: 0, batchQueueMs: 0 });
    const name = await startBatch(setting, 2);
    await setting.emulator.waitFor((meter) => meter.running().length === 0);
    const told = await setting.run(['cancel', name]);
    expect(told.stderr).toContain(
      `images 1, 2: completed before the cancel. To get it: npx --no genai-cancel attach ${name} -o FOLDER\n`,
    );
    const out = temporaryFolder();
    const files = [1, 2].map((number) => join(out, `image-${number}.jpg`));
    const ended = await setting.run(['cancel', name, '-o', out]);
    expect(ended).toMatchObject({ code: 0, stdout: `${files.join('\n')}\n` });
    expect(ended.stderr).toContain(`In all: 2 completed.\nKept: ${files.join(', ')}\nNothing still runs.\n`);
    files.forEach(verifyJpeg);
  });
});

test('a batch of which an image has failed: each image has the number that generate would give it', async () => {
  const setting = await setUp({ workMs: 0, batchQueueMs: 0, faults: [{ kind: 'fail', item: 0, message: 'No.' }] });
  const name = await startBatch(setting, 3);
  await setting.emulator.waitFor((meter) => meter.running().length === 0);
  const out = temporaryFolder();
  const ended = await setting.run(['cancel', name, '-o', out]);
  const files = [2, 3].map((number) => join(out, `image-${number}.jpg`));
  expect(ended).toMatchObject({ code: 0, stdout: `${files.join('\n')}\n` });
});

describe('an operation, by its id', () => {
  test('is cancelled with all its jobs, and leaves the journal', async () => {
    const setting = await setUp({ workMs: 60_000 });
    const names = [await startJob(setting), await startJob(setting), await startJob(setting)];
    await plantJobs(setting, ...names);
    const ended = await setting.run(['cancel', ID.slice(0, 7)]);
    expect(ended).toMatchObject({ code: 0, stdout: '' });
    expect(ended.stderr).toMatch(/^In \d\.\d s: 3 cancelled \(confirmed by the server\)\.\nNothing still runs\.$/m);
    expect(ended.stderr).toMatch(/\nBilling: .+\n$/);
    const { meter } = setting.emulator;
    expect(meter.jobs.map(({ status }) => status)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    expect(meter.requestsTo('create')).toHaveLength(3);
    expect(readdirSync(setting.journal)).toEqual([]);
  });

  test('--json prints one report of all its jobs', async () => {
    const setting = await setUp({ workMs: 60_000 });
    const names = [await startJob(setting), await startJob(setting)];
    await plantJobs(setting, ...names);
    const { code, stdout, stderr } = await setting.run(['cancel', ID, '--json']);
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'cancelled', jobs: names.map((name) => ({ name })) });
  });

  test('keeps what had completed: with a folder as a file, else with the way to it', async () => {
    const setting = await setUp({ workMs: 0 });
    const name = await startJob(setting);
    await setting.emulator.waitFor((meter) => meter.running().length === 0);
    await plantJobs(setting, name);
    const out = temporaryFolder();
    const path = join(out, 'image-1.jpg');
    expect(await setting.run(['cancel', ID, '-o', out])).toMatchObject({ code: 0, stdout: `${path}\n` });
    verifyJpeg(path);
    await plantJobs(setting, name);
    const told = await setting.run(['cancel', ID]);
    expect(told).toMatchObject({ code: 0, stdout: '' });
    expect(told.stderr).toContain(
      `image 1: completed before the cancel. To get it: npx --no genai-cancel attach ${name} -o FOLDER`,
    );
  });

  test('is looked for first where its name was never received', async () => {
    const setting = await setUp({ workMs: 60_000, batchQueueMs: 60_000 });
    await startBatch(setting, 2, DISPLAY_NAME);
    const lost = {
      index: 0,
      indices: [0, 1],
      backend: 'batches',
      displayName: DISPLAY_NAME,
      state: 'submitting',
    } as const;
    const server = { vertexai: false, origin: setting.url };
    await plant(setting.journal, recordOf({ id: ID, backend: 'batches', server, jobs: [lost] }));
    const ended = await setting.run(['cancel', ID]);
    expect(ended).toMatchObject({ code: 0, stdout: '' });
    expect(ended.stderr).toMatch(/^In \d\.\d s: 2 cancelled \(confirmed by the server\)\.\nNothing still runs\.$/m);
    expect(setting.emulator.meter.running()).toEqual([]);
    expect(readdirSync(setting.journal)).toEqual([]);
  });

  test('is cancelled also while its process lives, which hears of it', async () => {
    const { emulator, run, journal } = await setUp({ workMs: 60_000 });
    const living = run(['generate', PROMPT, '-o', temporaryFolder()]);
    await namesIn(journal, 1);
    const id = (await contentsOf(journal)).operations[0]?.id ?? '';
    expect(await run(['cancel', id])).toMatchObject({ code: 0 });
    expect(await living).toMatchObject({ code: 1 });
    expect(emulator.meter.jobs.map(({ status }) => status)).toEqual(['cancelled']);
    expect(readdirSync(journal)).toEqual([]);
  });
});

test('what is not confirmed stays in the journal: exit code 1, by each command that cancels', async () => {
  const setting = await setUp({ workMs: 60_000, faults: [{ kind: 'cancel-ignored', times: Infinity }] });
  const [name, other] = [await startJob(setting), await startJob(setting)];
  await plantJobs(setting, name);
  const elsewhere = temporaryFolder();
  const server = { vertexai: false, origin: setting.url };
  await plant(elsewhere, recordOf({ id: ID, server, jobs: [jobOf(other)] }));
  // Side by side, since each takes the whole budget.
  const [cancelled, unknown, recovered] = await Promise.all([
    setting.run(['cancel', ID]),
    setting.run(['cancel', 'interactions/nobody']),
    setting.run(['recover', 'cancel', '-o', temporaryFolder(), '--journal', elsewhere]),
  ]);
  const stop = 'image 1: not confirmed, it may still be running. Stop it with: npx --no genai-cancel cancel';
  for (const ended of [cancelled, unknown, recovered]) expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(cancelled.stderr).toContain(`${stop} ${name}\n`);
  expect(unknown.stderr).toContain('not confirmed. The server denies interactions/nobody (404): check the name,');
  expect(recovered.stderr).toContain(`${stop} ${other}\n`);
  for (const journal of [setting.journal, elsewhere]) {
    expect((await contentsOf(journal)).operations).toMatchObject([{ id: ID, isOrphan: true }]);
  }
});

test('a job that is cancelled by its name leaves the journal, too', async () => {
  const setting = await setUp({ workMs: 60_000 });
  const name = await startJob(setting);
  await plantJobs(setting, name);
  expect(await setting.run(['cancel', name])).toMatchObject({ code: 0 });
  expect(readdirSync(setting.journal)).toEqual([]);
});
