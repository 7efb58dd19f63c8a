import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../temporary-folder.js';
import { PROMPT, Run, setUp, type Ended, type Setting } from './cli.js';
import { decodePng } from './decode-png.js';
import { contentsOf, jobOf, namesIn, plant, recordOf, startBatch, startJob } from './records.js';

const DISPLAY_NAME = `genai-cancel-${'a'.repeat(32)}`;
const ids = ['0a1b2c01', '0a1b2c02', '0a1b2c03'] as const;

/** Runs generate until the journal has its names, and kills it. Resolves to the id of its operation. */
async function killed({ run, journal }: Setting, count: number): Promise<string> {
  const cli = run(['generate', PROMPT, '-n', String(count), '-o', temporaryFolder()]);
  await namesIn(journal, count);
  cli.kill('SIGKILL');
  await cli.ended;
  return (await contentsOf(journal)).operations[0]?.id ?? '';
}

const serverOf = ({ url }: Setting) => ({ vertexai: false, origin: url });

function linesOf({ stdout }: Ended): Record<string, unknown>[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('attach', () => {
  test('fetches what a killed process has left: nothing is made twice', async () => {
    const setting = await setUp({ workMs: 1500 });
    const id = await killed(setting, 2);
    const out = temporaryFolder();
    const ended = await setting.run(['recover', '-o', out]).ended;
    const files = [1, 2].map((number) => join(out, id, `image-${number}.png`));
    expect(ended).toMatchObject({ code: 0, signal: null });
    expect(ended.stdout.trimEnd().split('\n').sort()).toEqual(files);
    files.forEach(decodePng);
    expect(readdirSync(join(out, id))).toHaveLength(2);
    expect(ended.stderr).toMatch(new RegExp(`^Found: ${id}  .*left behind \\(pid `));
    expect(ended.stderr).toMatch(new RegExp(`^${id.slice(0, 8)}  2 of 2 images made`, 'm'));
    const { meter } = setting.emulator;
    expect(meter.requestsTo('create')).toHaveLength(2);
    expect(meter.requestsTo('cancel')).toEqual([]);
    expect(meter.jobs.map(({ status }) => status)).toEqual(['completed', 'completed']);
    expect(readdirSync(setting.journal)).toEqual([]);
  });

  test('several operations do not get into each other’s way', async () => {
    const setting = await setUp({ workMs: 0 });
    for (const id of ids) {
      const jobs = [jobOf(await startJob(setting))];
      await plant(setting.journal, recordOf({ id, server: serverOf(setting), jobs }));
    }
    const out = temporaryFolder();
    expect(await setting.run(['recover', 'attach', '-o', out]).ended).toMatchObject({ code: 0 });
    expect(readdirSync(out).sort()).toEqual(ids);
    const images = ids.map((id) => readFileSync(join(out, id, 'image-1.png'), 'base64'));
    expect(new Set(images).size).toBe(3);
  });

  test('once killed itself, it can be repeated: there is one copy of each image', async () => {
    // The first job is far from done when the second one is.
    const setting = await setUp({ workMs: 0, faults: [{ kind: 'end', status: 'pondering', job: 0 }] });
    const names = [await startJob(setting), await startJob(setting)];
    const jobs = names.map((name, index) => jobOf(name, { index }));
    await plant(setting.journal, recordOf({ id: ids[0], server: serverOf(setting), jobs }));
    const out = temporaryFolder();
    for (const signal of ['SIGKILL', 'SIGINT'] as const) {
      const cli = setting.run(['recover', '-o', out]);
      await cli.says(/image-2\.png\n/);
      expect(await contentsOf(setting.journal)).toMatchObject({ operations: [{ id: ids[0], isOrphan: false }] });
      cli.kill(signal);
      expect(await cli.ended).toMatchObject({ signal });
    }
    expect(readdirSync(join(out, ids[0]))).toEqual(['image-2.png']);
    expect(readdirSync(setting.journal)).toEqual([]);
    expect(setting.emulator.meter.jobs.map(({ status }) => status)).toEqual(['cancelled', 'completed']);
  });

  test('Ctrl+C cancels all of them on the server and reports', async () => {
    const setting = await setUp({ workMs: 60_000 });
    for (const id of ids) {
      const jobs = [jobOf(await startJob(setting))];
      await plant(setting.journal, recordOf({ id, server: serverOf(setting), jobs }));
    }
    const cli = setting.run(['recover', '-o', temporaryFolder()]);
    for (const id of ids) await cli.says(new RegExp(`^${id}  image 1: running`, 'm'));
    cli.kill('SIGINT');
    const { signal, stderr } = await cli.ended;
    expect(signal).toBe('SIGINT');
    for (const id of ids) expect(stderr).toMatch(new RegExp(`^${id}  image 1: cancelled, the server confirms`, 'm'));
    expect(setting.emulator.meter.running()).toEqual([]);
    expect(readdirSync(setting.journal)).toEqual([]);
  });

  test('leaves a process that lives alone', async () => {
    const setting = await setUp({ workMs: 60_000 });
    setting.run(['generate', PROMPT, '-o', temporaryFolder()]);
    await namesIn(setting.journal, 1);
    const ended = await setting.run(['recover']).ended;
    expect(ended).toMatchObject({ code: 0, stdout: '' });
    expect(ended.stderr).toBe(`There is nothing to recover in the journal ${setting.journal}.\n`);
    expect(setting.emulator.meter.running()).toHaveLength(1);
  });

  test('looks for a batch whose name was never received', async () => {
    const setting = await setUp({ workMs: 0, batchQueueMs: 0 });
    const name = await startBatch(setting, 2, DISPLAY_NAME);
    const lost = {
      index: 0,
      indices: [0, 1],
      backend: 'batches',
      displayName: DISPLAY_NAME,
      state: 'submitting',
    } as const;
    await plant(setting.journal, recordOf({ id: ids[0], backend: 'batches', server: serverOf(setting), jobs: [lost] }));
    const out = temporaryFolder();
    const ended = await setting.run(['recover', '-o', out]).ended;
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stderr).not.toContain('once you have');
    expect(readdirSync(join(out, ids[0])).sort()).toEqual(['image-1.png', 'image-2.png']);
    expect(setting.emulator.meter.jobs.map((job) => job.name)).toEqual([name]);
  });

  test('says what is in doubt, and keeps its record: exit code 1', async () => {
    const setting = await setUp();
    const jobs = [{ index: 0, backend: 'interactions', state: 'submitting' } as const];
    await plant(setting.journal, recordOf({ id: ids[0], server: serverOf(setting), jobs }));
    const ended = await setting.run(['recover', '-o', temporaryFolder()]).ended;
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(
      new RegExp(`^${ids[0]}: in doubt: a job that may be running, .*genai-cancel forget ${ids[0]}$`, 'm'),
    );
    expect((await contentsOf(setting.journal)).operations).toMatchObject([{ isOrphan: true }]);
  });

  test('an image that cannot be written: exit code 1', async () => {
    const setting = await setUp({ workMs: 0 });
    const jobs = [jobOf(await startJob(setting))];
    await plant(setting.journal, recordOf({ id: ids[0], server: serverOf(setting), jobs }));
    const out = temporaryFolder();
    writeFileSync(join(out, ids[0]), 'in the way');
    const ended = await setting.run(['recover', '-o', out]).ended;
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/image 1: made, but not written \(EEXIST/);
  });
});

describe('cancel', () => {
  test('cancels what a killed process has left', async () => {
    const setting = await setUp({ workMs: 60_000 });
    const id = await killed(setting, 2);
    const out = temporaryFolder();
    const ended = await setting.run(['recover', 'cancel', '-o', out]).ended;
    expect(ended).toMatchObject({ code: 0, stdout: '' });
    const label = id.slice(0, 8);
    expect(ended.stderr).toMatch(new RegExp(`^${label}  image 1: cancelled, the server confirms`, 'm'));
    expect(ended.stderr).toMatch(new RegExp(`^${label}  image 2: cancelled, the server confirms`, 'm'));
    const { meter } = setting.emulator;
    expect(meter.requestsTo('create')).toHaveLength(2);
    expect(meter.requestsTo('cancel')).toHaveLength(2);
    expect(meter.jobs.map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
    expect(readdirSync(setting.journal)).toEqual([]);
    expect(readdirSync(out)).toEqual([]);
  });

  test('keeps what had been made before, under its own number', async () => {
    const setting = await setUp({ workMs: 0, faults: [{ kind: 'end', status: 'pondering', job: 0 }] });
    const names = [await startJob(setting), await startJob(setting)];
    await setting.emulator.waitFor((meter) => meter.running().length === 1);
    const jobs = names.map((name, index) => jobOf(name, { index }));
    await plant(setting.journal, recordOf({ id: ids[0], server: serverOf(setting), jobs }));
    const out = temporaryFolder();
    const path = join(out, ids[0], 'image-2.png');
    const ended = await setting.run(['recover', 'cancel', '-o', out]).ended;
    expect(ended).toMatchObject({ code: 0, stdout: `${path}\n` });
    expect(ended.stderr).toContain(`image 2: completed before the cancel, kept as ${path}\n`);
    decodePng(path);
  });

  test('what is not confirmed stays in the journal: exit code 1', async () => {
    const setting = await setUp({ workMs: 60_000, faults: [{ kind: 'cancel-ignored' }] });
    const name = await startJob(setting);
    await plant(setting.journal, recordOf({ id: ids[0], server: serverOf(setting), jobs: [jobOf(name)] }));
    const ended = await setting.run(['recover', 'cancel', '-o', temporaryFolder()]).ended;
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toContain(`Stop it with: npx genai-cancel cancel ${name}\n`);
    expect((await contentsOf(setting.journal)).operations).toMatchObject([{ isOrphan: true }]);
  });
});

test('what is of another server, was left on purpose, or cannot be read is left alone, and told', async () => {
  const setting = await setUp({ workMs: 60_000 });
  const elsewhere = { vertexai: false, origin: 'https://example.test' };
  await plant(setting.journal, recordOf({ id: ids[0], server: elsewhere, jobs: [jobOf('interactions/a')] }));
  const jobs = [jobOf(await startJob(setting))];
  await plant(setting.journal, recordOf({ id: ids[1], server: serverOf(setting), detachedAt: Date.now(), jobs }));
  const ended = await setting.run(['recover', 'cancel', '-o', temporaryFolder()]).ended;
  expect(ended).toMatchObject({ code: 0, stdout: '' });
  expect(ended.stderr).toMatch(new RegExp(`^Left alone, since it is of https://example\\.test: ${ids[0]} `, 'm'));
  expect(ended.stderr).toMatch(new RegExp(`^Left alone, since it was left running on purpose: ${ids[1]} `, 'm'));
  expect(setting.emulator.meter.running()).toHaveLength(1);
  writeFileSync(join(setting.journal, 'notes.txt'), '');
  const second = await setting.run(['recover', 'cancel', '-o', temporaryFolder()]).ended;
  expect(second).toMatchObject({ code: 1 });
  expect(second.stderr).toMatch(/^Unreadable: .*notes\.txt: /m);
});

describe('--json', () => {
  test('tells what was found, then each event with its operation', async () => {
    const setting = await setUp({ workMs: 0 });
    const jobs = [jobOf(await startJob(setting))];
    await plant(setting.journal, recordOf({ id: ids[0], server: serverOf(setting), jobs }));
    const doubtful = [{ index: 0, backend: 'interactions', state: 'submitting' } as const];
    await plant(setting.journal, recordOf({ id: ids[1], server: serverOf(setting), jobs: doubtful }));
    writeFileSync(join(setting.journal, 'notes.txt'), '');
    const out = temporaryFolder();
    const ended = await setting.run(['recover', '-o', out, '--json']).ended;
    expect(ended).toMatchObject({ code: 1, stderr: '' });
    const lines = linesOf(ended);
    expect(lines.slice(0, 3)).toMatchObject([
      { type: 'found', id: ids[0], isOrphan: true, record: { jobs } },
      { type: 'found', id: ids[1] },
      { type: 'unreadable', place: join(setting.journal, 'notes.txt') },
    ]);
    expect(lines).toContainEqual(
      expect.objectContaining({
        operation: ids[0],
        type: 'image',
        image: { mimeType: 'image/png', path: join(out, ids[0], 'image-1.png') },
      }),
    );
    expect(lines).toContainEqual(expect.objectContaining({ operation: ids[0], type: 'settled', state: 'succeeded' }));
    expect(lines.at(-1)).toMatchObject({ type: 'in-doubt', operation: ids[1], jobs: [{ state: 'unknown' }] });
  });

  test('of a cancel has the report', async () => {
    const setting = await setUp({ workMs: 60_000 });
    const jobs = [jobOf(await startJob(setting))];
    await plant(setting.journal, recordOf({ id: ids[0], server: serverOf(setting), jobs }));
    const ended = await setting.run(['recover', 'cancel', '-o', temporaryFolder(), '--json']).ended;
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(linesOf(ended)).toMatchObject([
      { type: 'found', id: ids[0] },
      { type: 'cancelled', operation: ids[0], report: { outcome: 'cancelled' } },
    ]);
  });
});

test('an empty journal: nothing to do', async () => {
  const { run, journal } = await setUp();
  expect(await run(['recover']).ended).toMatchObject({
    code: 0,
    stdout: '',
    stderr: `There is nothing to recover in the journal ${journal}.\n`,
  });
});

test('without a key: says what is missing', async () => {
  expect(await new Run(['recover'], {}).ended).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('GEMINI_API_KEY') as string,
  });
});
