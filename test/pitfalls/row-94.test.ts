import { chmodSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PROMPT, setUp } from '../cli/run/cli.js';
import { jobOf, plant, recordOf, startJob } from '../cli/run/records.js';
import { temporaryFolder } from '../cli/temporary-folder.js';
import { ImageFolder } from '../../src/cli/folder.js';

/** Answers that complete with this as the image. */
const answering = (data: unknown) =>
  ({
    workMs: 0,
    faults: ['get', 'stream'].map((route) => ({
      kind: 'json',
      route,
      body: {
        id: 'a',
        status: 'completed',
        steps: [{ type: 'model_output', content: [{ type: 'image', mime_type: 'image/png', data }] }],
      },
      times: Infinity,
    })),
  }) as never;

const notImages = ['<html>Bad Gateway</html>', 'not base64!', '', 'QUJD*', 'QUJDR', '====', '\u0000', 'QUJD\u00e4'];

it.each(notImages)('#94 data that is no image is no file, and exit status 1: %j', async (data) => {
  const setting = await setUp(answering(data));
  const name = await startJob(setting);
  // Nothing at all reads as a refusal, after which a cancel has done its work.
  for (const command of data === '' ? ['attach'] : ['attach', 'cancel']) {
    const out = temporaryFolder();
    const ended = await setting.run([command, name, '-o', out]);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toContain(name);
    expect(readdirSync(out)).toEqual([]);
  }
});

it.each(notImages)('#94 and the store itself writes nothing of it: %j', (imageBytes) => {
  const folder = temporaryFolder();
  const { problem, path } = new ImageFolder(folder, { force: true }).save({ imageBytes, mimeType: 'image/png' }, 0);
  expect([typeof problem, path, readdirSync(folder)]).toEqual(['string', undefined, []]);
});

it.each(['QUJD', 'QUI=', 'QUI', 'QQ==', 'QU\nJD', '-_-_'])(
  '#94 base64 is written whole in each of its forms: %j',
  (imageBytes) => {
    const folder = temporaryFolder();
    const { problem } = new ImageFolder(folder, { force: false }).save({ imageBytes, mimeType: 'image/png' }, 0);
    expect([problem, readdirSync(folder)]).toEqual([undefined, ['image-1.png']]);
  },
);

it.each(['generate', 'attach', 'cancel', 'recover', 'recover cancel'])(
  '#94 a folder that disappears: %s names the job, which still has the image',
  async (command) => {
    const setting = await setUp({ workMs: command === 'generate' ? 400 : 0 });
    const out = join(temporaryFolder(), 'out');
    const name = command === 'generate' ? undefined : await startJob(setting);
    const jobs = name === undefined ? [] : [jobOf(name)];
    const server = { vertexai: false, origin: setting.url };
    if (command.startsWith('recover')) await plant(setting.journal, recordOf({ id: '0a1b2c01', server, jobs }));
    const [first = '', second = command === 'generate' ? PROMPT : name] = command.split(' ');
    const args = command === 'recover' ? [first] : [first, second ?? ''];
    const ended = setting.run([...args, '-o', out]);
    await setting.emulator.waitFor(({ requests }) => requests.length > (name === undefined ? 0 : 1));
    rmSync(out, { recursive: true, force: true });
    // A file in its place, since `recover` makes its folders when their first image comes.
    writeFileSync(out, '');
    const { code, stdout, stderr } = await ended;
    const job = name ?? setting.emulator.meter.jobs[0]?.name ?? '';
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/image 1: made, but not written \(E(NOTDIR|NOENT|EXIST)/);
    expect(stderr).toContain(`npx --no genai-cancel attach ${job} -o FOLDER\n`);
    // It is true: the image can be fetched.
    expect(await setting.run(['attach', job, '-o', temporaryFolder()])).toMatchObject({ code: 0 });
  },
);

it('#94 with --json the job is named beside the problem', async () => {
  const setting = await setUp(answering('nothing!'));
  const name = await startJob(setting);
  const { code, stdout } = await setting.run(['attach', name, '-o', temporaryFolder(), '--json']);
  expect(code).toBe(1);
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'image', image: expect.objectContaining({ job: name }) as unknown }),
  );
});

it('#94 a folder that cannot be written to is refused before anything is paid for', async () => {
  const { emulator, run } = await setUp();
  const out = temporaryFolder();
  writeFileSync(join(out, 'file'), '');
  chmodSync(out, 0o500);
  const ended = await run(['generate', PROMPT, '-o', join(out, 'file', 'below')]);
  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(ended.stderr).toContain('Nothing was sent');
  expect(emulator.meter.requests).toEqual([]);
});
