import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../temporary-folder.js';
import { PROMPT, runHere, setUp, type Ended, type Setting } from './cli.js';
import { verifyJpeg } from './verify-jpeg.js';
import { contentsOf, jobOf, namesIn, plant, recordOf, startBatch, startJob } from './records.js';

const DISPLAY_NAME = `genai-cancel-${'a'.repeat(32)}`;
const ids = ['0a1b2c01', '0a1b2c02', '0a1b2c03'] as const;

/** Runs generate until the journal has its names, and kills it. Resolves to the id of its operation. */
async function killed({ start, journal }: Setting, count: number): Promise<string> {
  const cli = start(['generate', PROMPT, '-n', String(count), '-o', temporaryFolder()]);
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
    const ended = await setting.run(['recover', '-o', out]);
    const files = [1, 2].map((number) => join(out, id, `image-${number}.jpg`));
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stdout.trimEnd().split('\n').sort()).toEqual(files);
    files.forEach(verifyJpeg);
    expect(readdirSync(join(out, id))).toHaveLength(2);
    expect(ended.stderr).toMatch(new RegExp(`^Found: ${id}  .*left behind  gemini`));
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
    expect(await setting.run(['recover', 'attach', '-o', out])).toMatchObject({ code: 0 });
    expect(readdirSync(out).sort()).toEqual(ids);
    const images = ids.map((id) => readFileSync(join(out, id, 'image-1.jpg'), 'base64'));
    expect(new Set(images).size).toBe(3);
  });

  test('an image that cannot be written is fetched again from the same server', async () => {
    const setting = await setUp({ workMs: 0 });
    const name = await startJob(setting);
    await plant(setting.journal, recordOf({ id: ids[0], server: serverOf(setting), jobs: [jobOf(name)] }));
    const out = temporaryFolder();
    writeFileSync(join(out, ids[0]), 'in the way');
    const { code, stderr } = await setting.run(['recover', '-o', out, '--base-url', setting.url]);
    expect(code).toBe(1);
    expect(stderr).toContain(`npx --no genai-cancel attach ${name} -o FOLDER --base-url ${setting.url}\n`);
  });

  test('once killed itself, it can be repeated: there is one copy of each image', async () => {
    // The first job is far from done when the second one is.
    const setting = await setUp({ workMs: 0, faults: [{ kind: 'end', status: 'pondering', job: 0 }] });
    const names = [await startJob(setting), await startJob(setting)];
    const jobs = names.map((name, index) => jobOf(name, { index }));
    await plant(setting.journal, recordOf({ id: ids[0], server: serverOf(setting), jobs }));
    const out = temporaryFolder();
    for (const signal of ['SIGKILL', 'SIGINT'] as const) {
      const cli = setting.start(['recover', '-o', out]);
      await cli.says(/image-2\.jpg\n/);
      expect(await contentsOf(setting.journal)).toMatchObject({ operations: [{ id: ids[0], isOrphan: false }] });
      cli.kill(signal);
      expect(await cli.ended).toMatchObject({ signal });
    }
    expect(readdirSync(join(out, ids[0]))).toEqual(['image-2.jpg']);
    expect(readdirSync(setting.journal)).toEqual([]);
    expect(setting.emulator.meter.jobs.map(({ status }) => status)).toEqual(['cancelled', 'completed']);
  });

  test('Ctrl+C cancels all of them on the server and reports', async () => {
    const setting = await setUp({ workMs: 60_000 });
    for (const id of ids) {
      const jobs = [jobOf(await startJob(setting))];
      await plant(setting.journal, recordOf({ id, server: serverOf(setting), jobs }));
    }
    const cli = setting.start(['recover', '-o', temporaryFolder()]);
    for (const id of ids) await cli.says(new RegExp(`^${id}  image 1: running`, 'm'));
    cli.kill('SIGINT');
    const { signal, stderr } = await cli.ended;
    expect(signal).toBe('SIGINT');
    for (const id of ids)
      expect(stderr).toMatch(new RegExp(`^${id}  In .* s: 1 cancelled \\(confirmed by the server\\)`, 'm'));
    expect(setting.emulator.meter.running()).toEqual([]);
    expect(readdirSync(setting.journal)).toEqual([]);
  });

  test('leaves a process that lives alone', async () => {
    const setting = await setUp({ workMs: 60_000 });
    const jobs = [jobOf(await startJob(setting))];
    await plant(setting.journal, recordOf({ id: ids[0], server: serverOf(setting), jobs }), 'lives');
    const ended = await setting.run(['recover']);
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
    const ended = await setting.run(['recover', '-o', out]);
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stderr).not.toContain('once you have');
    expect(readdirSync(join(out, ids[0])).sort()).toEqual(['image-1.jpg', 'image-2.jpg']);
    expect(setting.emulator.meter.jobs.map((job) => job.name)).toEqual([name]);
  });

  test('looks for a batch until it is found: one that is not stays in the journal', async () => {
    const setting = await setUp();
    const startedAt = Date.now() - 3_600_000;
    const lost = { index: 0, backend: 'batches', displayName: DISPLAY_NAME, state: 'submitting' } as const;
    const record = { id: ids[0], backend: 'batches', server: serverOf(setting), startedAt, jobs: [lost] } as const;
    await plant(setting.journal, recordOf(record));
    const ended = await setting.run(['recover', '-o', temporaryFolder()]);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(new RegExp(`^${ids[0]}: in doubt: a batch .*genai-cancel forget ${ids[0]}$`, 'm'));
    expect(setting.emulator.meter.requestsTo('batch-list')).toHaveLength(1);
    expect((await contentsOf(setting.journal)).operations).toMatchObject([{ isOrphan: true }]);
  });

  test('an image that cannot be written: exit code 1', async () => {
    const setting = await setUp({ workMs: 0 });
    const jobs = [jobOf(await startJob(setting))];
    await plant(setting.journal, recordOf({ id: ids[0], server: serverOf(setting), jobs }));
    const out = temporaryFolder();
    writeFileSync(join(out, ids[0]), 'in the way');
    const ended = await setting.run(['recover', '-o', out]);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/image 1: made, but not written \(EEXIST/);
  });
});

describe('cancel', () => {
  test('cancels what a killed process has left', async () => {
    const setting = await setUp({ workMs: 60_000 });
    const names = [await startJob(setting), await startJob(setting)];
    const jobs = names.map((name, index) => jobOf(name, { index }));
    await plant(setting.journal, recordOf({ id: ids[0], server: serverOf(setting), jobs }));
    const out = temporaryFolder();
    const ended = await setting.run(['recover', 'cancel', '-o', out]);
    expect(ended).toMatchObject({ code: 0, stdout: '' });
    const label = ids[0].slice(0, 8);
    expect(ended.stderr).toMatch(new RegExp(`^${label}  In .* s: 2 cancelled \\(confirmed by the server\\)\\.$`, 'm'));
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
    const path = join(out, ids[0], 'image-2.jpg');
    const ended = await setting.run(['recover', 'cancel', '-o', out]);
    expect(ended).toMatchObject({ code: 0, stdout: `${path}\n` });
    expect(ended.stderr).toContain(`  Kept: ${path}\n`);
    verifyJpeg(path);
  });
});

test('what is of another server, was left on purpose, or cannot be read is skipped, and told', async () => {
  const setting = await setUp({ workMs: 60_000 });
  const elsewhere = { vertexai: false, origin: 'https://example.test' };
  await plant(setting.journal, recordOf({ id: ids[0], server: elsewhere, jobs: [jobOf('interactions/a')] }));
  const jobs = [jobOf(await startJob(setting))];
  await plant(setting.journal, recordOf({ id: ids[1], server: serverOf(setting), detachedAt: Date.now(), jobs }));
  const ended = await setting.run(['recover', 'cancel', '-o', temporaryFolder()]);
  expect(ended).toMatchObject({ code: 0, stdout: '' });
  expect(ended.stderr).toMatch(new RegExp(`^Skipped, since it is of https://example\\.test: ${ids[0]} `, 'm'));
  expect(ended.stderr).toMatch(new RegExp(`^Skipped, since it was left running on purpose: ${ids[1]} `, 'm'));
  expect(setting.emulator.meter.running()).toHaveLength(1);
  writeFileSync(join(setting.journal, 'notes.txt'), '');
  const second = await setting.run(['recover', 'cancel', '-o', temporaryFolder()]);
  expect(second).toMatchObject({ code: 1 });
  expect(second.stderr).toMatch(/^Unreadable: .*notes\.txt: /m);
});

describe('what is in doubt', () => {
  const jobs = [{ index: 0, backend: 'interactions', state: 'submitting' } as const];

  test.each(['attach', 'cancel'])('recover %s and list say the same, as often as they are asked', async (policy) => {
    const setting = await setUp();
    await plant(setting.journal, recordOf({ id: ids[0], server: serverOf(setting), jobs }));
    for (let round = 0; round < 2; round++) {
      const { code, stdout } = await setting.run(['list']);
      expect(code).toBe(1);
      const doubt = 'in doubt: a job that may be running, whose name was never received';
      expect(stdout).toMatch(new RegExp(`^${ids[0]} .*${doubt}$`, 'm'));
      const ended = await setting.run(['recover', policy, '-o', temporaryFolder()]);
      expect(ended).toMatchObject({ code: 1, stdout: '' });
      expect(ended.stderr.split('\n')).toEqual([
        expect.stringMatching(new RegExp(`^Skipped, since its jobs cannot be found again: ${ids[0]} .*${doubt}$`)),
        `${ids[0]}: ${doubt}. Once you have looked into it: npx --no genai-cancel forget ${ids[0]}`,
        '',
      ]);
    }
    expect(setting.emulator.meter.requests).toEqual([]);
    expect(await setting.run(['forget', ids[0]])).toMatchObject({ code: 0 });
    expect(await setting.run(['recover'])).toMatchObject({ code: 0 });
  });

  test('is told once more when it has expired, and then removed: exit code 1', async () => {
    const setting = await setUp();
    const startedAt = Date.now() - 49 * 3_600_000;
    await plant(setting.journal, recordOf({ id: ids[0], server: serverOf(setting), startedAt, jobs }));
    const ended = await setting.run(['recover', '-o', temporaryFolder()]);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(new RegExp(`^Skipped, and removed, since it was in doubt for 48 hours: ${ids[0]} `));
    expect(readdirSync(setting.journal)).toEqual([]);
  });

  test('beside a job with a name: that is fetched', async () => {
    const setting = await setUp({ workMs: 0 });
    const named = jobOf(await startJob(setting), { index: 1 });
    await plant(setting.journal, recordOf({ id: ids[0], server: serverOf(setting), jobs: [...jobs, named] }));
    const out = temporaryFolder();
    const ended = await setting.run(['recover', '-o', out]);
    expect(ended).toMatchObject({ code: 1, stdout: `${join(out, ids[0], 'image-2.jpg')}\n` });
    expect(ended.stderr).toMatch(new RegExp(`^${ids[0]}: in doubt: a job that .*genai-cancel forget ${ids[0]}$`, 'm'));
    expect((await contentsOf(setting.journal)).operations).toMatchObject([{ isOrphan: true }]);
  });
});

test('a job that the server denies after 48 hours is told as lost, and its record removed: exit code 1', async () => {
  const setting = await setUp();
  const startedAt = Date.now() - 49 * 3_600_000;
  const jobs = [jobOf('interactions/gone')];
  await plant(setting.journal, recordOf({ id: ids[0], server: serverOf(setting), startedAt, jobs }));
  const ended = await setting.run(['recover', '-o', temporaryFolder()]);
  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(ended.stderr).toMatch(new RegExp(`^Skipped, and removed, since the server denies its jobs: ${ids[0]} `));
  expect(readdirSync(setting.journal)).toEqual([]);
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
    const ended = await setting.run(['recover', '-o', out, '--json']);
    expect(ended).toMatchObject({ code: 1, stderr: '' });
    const lines = linesOf(ended);
    expect(lines.slice(0, 3)).toMatchObject([
      { type: 'found', id: ids[0], isOrphan: true, record: { jobs } },
      { type: 'skipped', id: ids[1], isOrphan: true, reason: 'in-doubt' },
      { type: 'unreadable', place: join(setting.journal, 'notes.txt') },
    ]);
    expect(lines).toContainEqual(
      expect.objectContaining({
        operation: ids[0],
        type: 'image',
        image: { mimeType: 'image/jpeg', path: join(out, ids[0], 'image-1.jpg') },
      }),
    );
    expect(lines).toContainEqual(expect.objectContaining({ operation: ids[0], type: 'settled', state: 'succeeded' }));
    expect(lines.at(-1)).toMatchObject({ type: 'in-doubt', operation: ids[1], jobs: doubtful });
  });

  test('of a cancel has the report', async () => {
    const setting = await setUp({ workMs: 60_000 });
    const jobs = [jobOf(await startJob(setting))];
    await plant(setting.journal, recordOf({ id: ids[0], server: serverOf(setting), jobs }));
    const ended = await setting.run(['recover', 'cancel', '-o', temporaryFolder(), '--json']);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(linesOf(ended)).toMatchObject([
      { type: 'found', id: ids[0] },
      { type: 'cancelled', operation: ids[0], report: { outcome: 'cancelled' } },
    ]);
  });
});

test('an empty journal: nothing to do', async () => {
  const { run, journal } = await setUp();
  expect(await run(['recover'])).toMatchObject({
    code: 0,
    stdout: '',
    stderr: `There is nothing to recover in the journal ${journal}.\n`,
  });
});

test('without a key: says what is missing', async () => {
  expect(await runHere(['recover'], {})).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('GEMINI_API_KEY') as string,
  });
});
