import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../temporary-folder.js';
import { CommandProcess, KEY, PROMPT, runHere, setUp, type Ended } from './cli.js';
import { verifyJpeg } from './verify-jpeg.js';

/** Neither what was asked for nor the key may show up anywhere. */
function expectNoSecrets({ stdout, stderr }: Ended, folder: string): void {
  for (const text of [stdout, stderr, ...readdirSync(folder)]) {
    expect(text).not.toContain(KEY);
    expect(text).not.toMatch(/secret|lighthouse/);
  }
}

test('four images become four files, and stdout has their paths and nothing else', async () => {
  const { emulator, run } = await setUp();
  const out = temporaryFolder();
  const model = 'gemini-3-pro-image';
  const args = ['generate', PROMPT, '-n', '4', '--aspect-ratio', '16:9', '-o', out, '--seed', '7', '--model', model];
  const ended = await run(args);
  expect(ended).toMatchObject({ code: 0 });
  const files = [1, 2, 3, 4].map((number) => join(out, `image-${number}.jpg`));
  expect(ended.stdout.trimEnd().split('\n').sort()).toEqual(files);
  files.forEach(verifyJpeg);
  expect(new Set(files.map((file) => readFileSync(file, 'base64'))).size).toBe(4);
  expect(ended.stderr).toMatch(/^4 of 4 images made in \d+\.\d s\.$/m);
  const bodies = emulator.meter.requestsTo('create').map(({ body }) => body);
  expect(bodies).toContainEqual(
    expect.objectContaining({
      model,
      input: PROMPT,
      background: true,
      generation_config: expect.objectContaining({ seed: 10 }) as unknown,
    }),
  );
  expectNoSecrets(ended, out);
});

test('the prompt may come on stdin, and the API version from the command line', async () => {
  const { emulator, run } = await setUp();
  const out = temporaryFolder();
  expect(await run(['generate', '-', '-o', out, '--api-version', 'v1'], `${PROMPT}\n`)).toMatchObject({ code: 0 });
  const [create] = emulator.meter.requestsTo('create');
  expect(create).toMatchObject({ path: '/v1/interactions', body: { input: PROMPT } });
});

test('a server on the command line is asked, and not the one of the environment', async () => {
  const { emulator, url } = await setUp({ workMs: 0 });
  const environment = { GEMINI_API_KEY: KEY, GOOGLE_GEMINI_BASE_URL: 'http://127.0.0.1:1' };
  const args = ['generate', PROMPT, '-o', temporaryFolder(), '--base-url', url, '--backend', 'models'];
  expect(await runHere(args, environment)).toMatchObject({ code: 0 });
  expect(emulator.meter.requests.map(({ route }) => route)).toEqual(['generateContent']);
});

test('Vertex is asked with the credentials of the machine, for the project and the location', async () => {
  const { emulator, url } = await setUp({ workMs: 0 });
  const credentials = join(temporaryFolder(), 'missing.json');
  const environment = { GEMINI_API_KEY: KEY, GOOGLE_APPLICATION_CREDENTIALS: credentials };
  const vertex = ['--project', 'p', '--location', 'l', '--base-url', url];
  const { code, stderr } = await runHere(['generate', PROMPT, '-o', temporaryFolder(), ...vertex], environment);
  // There are none here: it is not the key that is taken in their place.
  expect([code, emulator.meter.requests]).toEqual([1, []]);
  expect(stderr).toMatch(/credentials|missing\.json/);
});

test('type and size of the images are asked for', async () => {
  const { emulator, run } = await setUp();
  const out = temporaryFolder();
  await run(['generate', PROMPT, '-o', out, '--mime-type', 'image/jpeg', '--image-size', '512']);
  expect(readdirSync(out)).toEqual(['image-1.jpg']);
  expect(emulator.meter.requestsTo('create')[0]?.body).toMatchObject({
    response_format: { mime_type: 'image/jpeg', image_size: '512' },
  });
});

describe('--json', () => {
  test('every line of stdout is an event; stderr is silent', async () => {
    const { run } = await setUp({ faults: [{ kind: 'refuse', text: 'No.', job: 1 }] });
    const out = temporaryFolder();
    const ended = await run(['generate', PROMPT, '-n', '2', '-o', out, '--json']);
    expect(ended).toMatchObject({ code: 1, stderr: '' });
    const events = eventsOf(ended);
    expect(events.map(({ type }) => type).filter((type) => type !== 'state')).toEqual([
      'submitted',
      ...['image', 'progress', 'progress'],
      'settled',
    ]);
    const path = join(out, 'image-1.jpg');
    const made = { mimeType: 'image/jpeg', path };
    expect(events.find(({ type }) => type === 'image')).toMatchObject({ index: 0, image: made });
    expect(events.at(-1)).toMatchObject({
      response: { generatedImages: [{ image: made }, { raiFilteredReason: 'No.' }] },
    });
    verifyJpeg(path);
    expectNoSecrets(ended, out);
  });

  test('a failure is in the last event', async () => {
    const { run } = await setUp({ faults: [{ kind: 'fail', message: 'Out of memory.' }] });
    const ended = await run(['generate', PROMPT, '-o', temporaryFolder(), '--json']);
    expect(ended.code).toBe(1);
    expect(eventsOf(ended).at(-1)).toMatchObject({
      type: 'settled',
      state: 'failed',
      error: { name: 'OperationFailedError', code: 'FAILED' },
    });
  });
});

function eventsOf({ stdout }: Ended): { type: string }[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string });
}

describe('a place that is no folder', () => {
  test('one image becomes the file that was named', async () => {
    const { run } = await setUp();
    const out = temporaryFolder();
    const path = join(out, 'fox.jpg');
    expect(await run(['generate', PROMPT, '-o', path])).toMatchObject({ code: 0, stdout: `${path}\n` });
    verifyJpeg(path);
    expect(readdirSync(out)).toEqual(['fox.jpg']);
  });

  test('a template names each of several', async () => {
    const { run } = await setUp();
    const out = temporaryFolder();
    expect(await run(['generate', PROMPT, '-n', '2', '-o', join(out, 'a/{index}.{ext}')])).toMatchObject({ code: 0 });
    expect(readdirSync(join(out, 'a')).sort()).toEqual(['1.jpg', '2.jpg']);
  });

  test.each([
    ['-n', '2', '-o', 'fox.jpg'],
    ['-o', '{name}.jpg'],
    ['-o', 'fox.jpg/'],
  ])('what cannot be is refused before anything is sent or made: %s %s %s %s', async (...args) => {
    const { emulator, run } = await setUp();
    expect(await run(['generate', PROMPT, ...args])).toMatchObject({ code: 2, stdout: '' });
    expect(emulator.meter.requests).toEqual([]);
  });
});

describe('files that are there', () => {
  test('are not replaced: nothing is sent', async () => {
    const { emulator, run } = await setUp();
    const out = temporaryFolder();
    writeFileSync(join(out, 'image-2.jpg'), 'old');
    const ended = await run(['generate', PROMPT, '-n', '2', '-o', out]);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toContain(`${join(out, 'image-2.jpg')} exists`);
    expect(emulator.meter.requests).toEqual([]);
    expect(readFileSync(join(out, 'image-2.jpg'), 'utf8')).toBe('old');
  });

  test('are replaced by force', async () => {
    const { run } = await setUp();
    const out = temporaryFolder();
    writeFileSync(join(out, 'image-1.jpg'), 'old');
    expect(await run(['generate', PROMPT, '-o', out, '--force'])).toMatchObject({ code: 0 });
    verifyJpeg(join(out, 'image-1.jpg'));
    expect(readdirSync(out)).toEqual(['image-1.jpg']);
  });

  test('that appear while the image is made are left alone, and so is the image', async () => {
    const { emulator, run } = await setUp({ workMs: 400 });
    const out = temporaryFolder();
    const ended = run(['generate', PROMPT, '-o', out]);
    await emulator.waitFor(({ jobs }) => jobs.length === 1);
    writeFileSync(join(out, 'image-1.jpg'), 'not ours');
    const { code, stdout, stderr } = await ended;
    expect([code, stdout]).toEqual([0, `${join(out, 'image-1-2.jpg')}\n`]);
    expect(stderr).toMatch(/Note: .*image-1\.jpg was there already/);
    expect(readFileSync(join(out, 'image-1.jpg'), 'utf8')).toBe('not ours');
    verifyJpeg(join(out, 'image-1-2.jpg'));
  });
});

describe('what cannot be', () => {
  test('without a key: says what is missing', async () => {
    const ended = await runHere(['generate', PROMPT], {});
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(/GEMINI_API_KEY.*GOOGLE_API_KEY[^]*--emulator/);
    expect(ended.stderr).not.toMatch(/secret/);
  });

  test.each([
    ['no command', []],
    ['an unknown option', ['generate', PROMPT, '--nope']],
    ['no prompt', ['generate']],
    ['an option that the library refuses', ['generate', PROMPT, '--aspect-ratio', 'wide']],
    ['a name that is none', ['cancel', 'abc']],
  ])('%s: exit code 2, one hint, nothing sent', async (_, args) => {
    const { emulator, run } = await setUp();
    const ended = await run(args);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(/^genai-cancel: .*\nSee: npx --no genai-cancel --help\n$/);
    expect(ended.stderr).not.toMatch(/secret/);
    expect(emulator.meter.requests).toEqual([]);
  });

  test('a key that the server does not take', async () => {
    const { run } = await setUp({ apiKey: 'another' });
    const out = temporaryFolder();
    const ended = await run(['generate', PROMPT, '-n', '3', '-o', out]);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr.match(/API key not valid/g)).toHaveLength(1);
    expect(ended.stderr).toMatch(/^images 1, 2, 3: .*API key not valid/m);
    expectNoSecrets(ended, out);
  });
});

test('a refusal and a failure beside an image: it is kept, and the others are explained', async () => {
  const { run } = await setUp({
    faults: [
      { kind: 'refuse', text: 'I would rather not.', job: 0 },
      { kind: 'fail', message: 'Out of memory.', job: 1 },
    ],
  });
  const out = temporaryFolder();
  const ended = await run(['generate', PROMPT, '-n', '3', '-o', out]);
  expect(ended.code).toBe(1);
  expect(readdirSync(out)).toHaveLength(1);
  expect(ended.stdout).toBe(`${join(out, readdirSync(out)[0] ?? '')}\n`);
  expect(ended.stderr).toMatch(/^image \d: refused by the model: I would rather not\.$/m);
  expect(ended.stderr).toMatch(/^image \d: .*Out of memory\./m);
  expect(ended.stderr).toMatch(/^1 of 3 images made/m);
});

test('an image that the server keeps is told by its address', async () => {
  const { run } = await setUp({ faults: [{ kind: 'image-as-uri' }] });
  const ended = await run(['generate', PROMPT, '-o', temporaryFolder()]);
  expect(ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^http:\S+\n$/) as string });
  expect(ended.stdout).not.toContain(KEY);
});

test('when the time is up, the jobs are cancelled on the server', async () => {
  const { emulator, run } = await setUp({ workMs: 60_000 });
  const ended = await run(['generate', PROMPT, '-o', temporaryFolder(), '--timeout', '0.5']);
  expect(ended).toMatchObject({ code: 1 });
  expect(ended.stderr).toMatch(/^The time is up\. Cancelling on the server…$/m);
  expect(ended.stderr).toMatch(/^In \d\.\d s: 1 cancelled \(confirmed by the server\)\.$/m);
  expect(emulator.meter.jobs.map(({ status }) => status)).toEqual(['cancelled']);
});

test.each(['stdout', 'stderr'] as const)('a reader of %s that is gone costs no image', async (name) => {
  const { start } = await setUp({ workMs: 500 });
  const out = temporaryFolder();
  const process = start(['generate', PROMPT, '-n', '2', '-o', out]);
  await process.says(/image 1: (queued|running)/);
  process.breakPipe(name);
  expect(await process.ended).toMatchObject({ code: 0, signal: null });
  expect(readdirSync(out).sort()).toEqual(['image-1.jpg', 'image-2.jpg']);
});

describe('--emulator', () => {
  test('needs no key and no network, and tells what it would have cost', async () => {
    const out = temporaryFolder();
    const args = ['generate', PROMPT, '-n', '2', '-o', out, '--emulator', '--work-seconds', '0.3'];
    // An address that would fail, which shall not be asked.
    const ended = await runHere(args, { GOOGLE_GEMINI_BASE_URL: 'http://127.0.0.1:1' });
    expect(ended).toMatchObject({ code: 0 });
    readdirSync(out).map((file) => verifyJpeg(join(out, file)));
    expect(ended.stderr).toMatch(/^The emulated GPU worked for \d\.\d of the 0\.6 s that was asked of it\.$/m);
  });

  test('dies of Ctrl+C like the real thing', async () => {
    const run = new CommandProcess(
      ['generate', PROMPT, '-o', temporaryFolder(), '--emulator', '--work-seconds', '60'],
      {},
    );
    await run.says(/image 1: running/);
    run.kill('SIGINT');
    const { code, signal, stderr } = await run.ended;
    expect([code, signal]).toEqual([null, 'SIGINT']);
    expect(stderr).toMatch(/^The emulated GPU worked for \d\.\d of the 60\.0 s/m);
  });
});

test('the exit code is that of the process', async () => {
  const { ended } = new CommandProcess(['generate', PROMPT], {});
  expect(await ended).toMatchObject({ code: 2, signal: null, stdout: '' });
});

test('the version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const { ended } = new CommandProcess(['--version'], {});
  expect(await ended).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test('the help goes to stdout', async () => {
  expect(await runHere(['--help'], {})).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Commands') as string,
    stderr: '',
  });
});
