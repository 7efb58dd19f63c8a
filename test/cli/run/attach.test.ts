import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../temporary-folder.js';
import { KEY, PROMPT, runHere, setUp } from './cli.js';
import { verifyJpeg } from './verify-jpeg.js';
import { contentsOf, jobOf, namesIn, plant, recordOf, startBatch, startJob } from './records.js';

const ID = '0a1b2c01';

describe('by the name of a job', () => {
  test('watches it and writes its image', async () => {
    const setting = await setUp({ workMs: 500 });
    const name = await startJob(setting);
    const out = temporaryFolder();
    const ended = await setting.run(['attach', name, '-o', out]);
    const path = join(out, 'image-1.jpg');
    expect(ended).toMatchObject({ code: 0, stdout: `${path}\n` });
    expect(ended.stderr).toContain(name);
    expect(ended.stderr).toMatch(/^1 of 1 image made/m);
    verifyJpeg(path);
    expect(readdirSync(setting.journal)).toEqual([]);
    expect(setting.emulator.meter.jobs).toHaveLength(1);
  });

  test('writes the same image once, however often it is asked for', async () => {
    const setting = await setUp({ workMs: 0 });
    const name = await startJob(setting);
    const out = temporaryFolder();
    await setting.run(['attach', name, '-o', out]);
    const again = await setting.run(['attach', name, '-o', out]);
    expect(again).toMatchObject({ code: 0, stdout: `${join(out, 'image-1.jpg')}\n` });
    expect(again.stderr).toMatch(/^Note: .*was there already, with the same image/m);
    expect(readdirSync(out)).toEqual(['image-1.jpg']);
  });

  test('writes all images of a batch, and tells of it in one line', async () => {
    const setting = await setUp({ workMs: 0, batchQueueMs: 0 });
    const name = await startBatch(setting, 5);
    await setting.emulator.waitFor((meter) => meter.running().length === 0);
    const out = temporaryFolder();
    const ended = await setting.run(['attach', name, '-o', out]);
    const files = [1, 2, 3, 4, 5].map((number) => join(out, `image-${number}.jpg`));
    expect(ended).toMatchObject({ code: 0, stdout: `${files.join('\n')}\n` });
    expect(ended.stderr).toMatch(/^5 of 5 done, 0 left, \d+ s$/m);
    expect(ended.stderr).toMatch(/^5 of 5 images made/m);
    files.forEach(verifyJpeg);
  });

  test('says which images of a batch there are not: exit code 1', async () => {
    const setting = await setUp({
      workMs: 0,
      batchQueueMs: 0,
      faults: [
        { kind: 'fail', item: 0, message: 'Out of memory.' },
        { kind: 'refuse', item: 2, text: 'No.' },
      ],
    });
    const out = temporaryFolder();
    const name = await startBatch(setting, 4);
    await setting.emulator.waitFor((meter) => meter.running().length === 0);
    const ended = await setting.run(['attach', name, '-o', out]);
    expect(ended).toMatchObject({ code: 1 });
    expect(ended.stdout).toBe(`${join(out, 'image-2.jpg')}\n${join(out, 'image-4.jpg')}\n`);
    expect(ended.stderr).toMatch(/^2 of 4 done, 0 left, \d+ s, 2 without an image$/m);
    expect(ended.stderr).toMatch(/^images 1, 3: the server made no image of it$/m);
    expect(ended.stderr).toMatch(/^2 of 4 images made/m);
  });

  test('Ctrl+C cancels on the server and reports', async () => {
    const setting = await setUp({ workMs: 60_000 });
    const name = await startJob(setting);
    const cli = setting.start(['attach', name, '-o', temporaryFolder()]);
    await cli.says(/image 1: running/);
    cli.kill('SIGINT');
    const { signal, stderr } = await cli.ended;
    expect(signal).toBe('SIGINT');
    expect(stderr).toMatch(/^In \d\.\d s: 1 cancelled \(confirmed by the server\)\.$/m);
    expect(setting.emulator.meter.jobs.map(({ status }) => status)).toEqual(['cancelled']);
    expect(readdirSync(setting.journal)).toEqual([]);
  });

  test('a job that had failed is told of: exit code 1', async () => {
    const setting = await setUp({ workMs: 0, faults: [{ kind: 'fail', message: 'Out of memory.' }] });
    const ended = await setting.run(['attach', await startJob(setting), '-o', temporaryFolder()]);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/^image 1: .*Out of memory\./m);
  });

  test.each(['attach', 'cancel'])('%s takes the server from the command line, and repeats it', async (command) => {
    const setting = await setUp({ workMs: 0 });
    const name = await startJob(setting);
    const environment = { GEMINI_API_KEY: KEY, GOOGLE_GEMINI_BASE_URL: 'http://127.0.0.1:1' };
    const args = [command, name, '--base-url', setting.url];
    const out = temporaryFolder();
    expect(await runHere([...args, '-o', out], environment)).toMatchObject({ code: 0 });
    expect(readdirSync(out)).toEqual(['image-1.jpg']);
    if (command === 'attach') return;
    const { stderr } = await runHere(args, environment);
    expect(stderr).toContain(`npx --no genai-cancel attach ${name} -o FOLDER --base-url ${setting.url}\n`);
  });

  test('needs no journal', async () => {
    const setting = await setUp({ workMs: 0 });
    const name = await startJob(setting);
    expect(await setting.run(['attach', name, '-o', temporaryFolder(), '--no-journal'])).toMatchObject({
      code: 0,
    });
    expect(() => readdirSync(setting.journal)).toThrow('ENOENT');
  });
});

describe('by the id of an operation', () => {
  test('takes over what a killed process has left, and writes its images', async () => {
    const { emulator, run, start, journal } = await setUp({ workMs: 1500 });
    const killed = start(['generate', PROMPT, '-n', '2', '-o', temporaryFolder()]);
    await namesIn(journal, 2);
    killed.kill('SIGKILL');
    await killed.ended;
    const id = (await contentsOf(journal)).operations[0]?.id ?? '';
    const out = temporaryFolder();
    const ended = await run(['attach', id.slice(0, 6), '-o', out, '--json']);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(out).sort()).toEqual(['image-1.jpg', 'image-2.jpg']);
    expect(JSON.parse(ended.stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      type: 'settled',
      state: 'succeeded',
    });
    expect(emulator.meter.requestsTo('create')).toHaveLength(2);
    expect(emulator.meter.jobs.map(({ status }) => status)).toEqual(['completed', 'completed']);
    expect(readdirSync(journal)).toEqual([]);
  });

  test('watches along with a process that lives', async () => {
    const { emulator, start, journal } = await setUp({ workMs: 60_000 });
    const first = start(['generate', PROMPT, '-o', temporaryFolder()]);
    await namesIn(journal, 1);
    const id = (await contentsOf(journal)).operations[0]?.id ?? '';
    const second = start(['attach', id, '-o', temporaryFolder()]);
    await second.says(/image 1: running/);
    await second.says(/^Its process lives, and will have what it makes, too\.$/m);
    second.kill('SIGINT');
    expect(await second.ended).toMatchObject({ signal: 'SIGINT' });
    expect(await first.ended).toMatchObject({ code: 1, signal: null });
    expect(emulator.meter.jobs.map(({ status }) => status)).toEqual(['cancelled']);
    expect(readdirSync(journal)).toEqual([]);
  });

  test('refuses an id that there is not, and one that could be several: nothing is sent', async () => {
    const { emulator, run, journal } = await setUp();
    await plant(journal, recordOf({ id: ID, jobs: [jobOf('interactions/a')] }));
    await plant(journal, recordOf({ id: '0a1b2c02', jobs: [jobOf('interactions/b')] }));
    const several = await run(['attach', '0a1b2c', '-o', temporaryFolder()]);
    expect(several).toMatchObject({ code: 1, stdout: '' });
    expect(several.stderr).toContain('2 operations have an id that begins with 0a1b2c');
    const unknown = await run(['attach', 'ffffff', '-o', temporaryFolder()]);
    expect(unknown).toMatchObject({ code: 1, stdout: '' });
    expect(unknown.stderr).toContain('There is no operation ffffff');
    expect(emulator.meter.requests).toEqual([]);
  });

  test('takes an id that is the beginning of another', async () => {
    const setting = await setUp({ workMs: 0 });
    const name = await startJob(setting);
    await plant(
      setting.journal,
      recordOf({ id: ID, server: { vertexai: false, origin: setting.url }, jobs: [jobOf(name)] }),
    );
    await plant(setting.journal, recordOf({ id: `${ID}0`, jobs: [jobOf('interactions/b')] }));
    expect(await setting.run(['attach', ID, '-o', temporaryFolder()])).toMatchObject({ code: 0 });
  });

  test('does not ask another server than the one it was started on', async () => {
    const { emulator, run, journal } = await setUp();
    const server = { vertexai: false, origin: 'https://example.test' };
    await plant(journal, recordOf({ id: ID, server, jobs: [jobOf('interactions/a')] }));
    for (const command of ['attach', 'cancel']) {
      const ended = await run([command, ID]);
      expect(ended).toMatchObject({ code: 1, stdout: '' });
      expect(ended.stderr).toMatch(/was started on https:\/\/example\.test, .* set GOOGLE_GEMINI_BASE_URL/);
    }
    expect(emulator.meter.requests).toEqual([]);
    expect((await contentsOf(journal)).operations).toMatchObject([{ isOrphan: true }]);
  });
});

test('without a key: says what is missing', async () => {
  expect(await runHere(['attach', 'interactions/a'], {})).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('GEMINI_API_KEY') as string,
  });
});
