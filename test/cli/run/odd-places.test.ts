import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import type { Fault } from '../../../src/testing/index.js';
import { temporaryFolder } from '../temporary-folder.js';
import { KEY, PROMPT, setUp, type Ended } from './cli.js';

const COMMAND = `'${process.execPath}' '${process.cwd()}/dist/cli.js'`;

/** Makes an image of 4,000 bytes of each job. */
const content = [{ type: 'image', mime_type: 'image/png', data: Buffer.alloc(4_000, 1).toString('base64') }];
const body = { id: 'any', status: 'completed', steps: [{ type: 'model_output', content }] };
const LARGE = (['get', 'stream'] as const).map((route): Fault => ({ kind: 'json', route, body, times: Infinity }));

/** Runs a line of a shell that puts the command into a place. */
async function shell(line: string, url: string, cwd: string): Promise<Ended> {
  const { PATH = '' } = process.env;
  const env = { PATH, GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: KEY, XDG_STATE_HOME: temporaryFolder() };
  const child = spawn('sh', ['-c', line], { cwd, env });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (said.stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (said.stderr += String(chunk)));
  child.stdin.end();
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...said };
}

test('a disk that takes nothing: nothing is sent', async () => {
  const { emulator, url } = await setUp();
  const out = temporaryFolder();
  const ended = await shell(`ulimit -f 0; ${COMMAND} generate '${PROMPT}' --no-journal`, url, out);
  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(ended.stderr).toMatch(/^genai-cancel: Nothing was sent: .*EFBIG/);
  expect([readdirSync(out), emulator.meter.requests]).toEqual([[], []]);
});

test('a disk that takes no more: the job is named, no half of an image is left, and it is fetched later', async () => {
  const { emulator, run, url } = await setUp({ workMs: 0, faults: [...LARGE] });
  const out = temporaryFolder();
  const ended = await shell(`ulimit -f 1; ${COMMAND} generate '${PROMPT}' --no-journal`, url, out);
  const name = emulator.meter.jobs[0]?.name ?? '';
  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(ended.stderr).toMatch(/^image 1: made, but not written \(EFBIG/m);
  expect(ended.stderr).toContain(`npx --no genai-cancel attach ${name} -o FOLDER`);
  expect(readdirSync(out)).toEqual([]);
  expect(await run(['attach', name, '-o', out])).toMatchObject({ code: 0 });
});

test('a current folder that is gone: nothing is sent', async () => {
  const { emulator, url } = await setUp();
  const line = `mkdir gone; cd gone; rmdir ../gone; ${COMMAND} generate '${PROMPT}'`;
  const ended = await shell(line, url, temporaryFolder());
  expect(ended.code).toBe(1);
  expect(ended.stderr).toContain('ENOENT');
  expect(ended.stderr).not.toContain('    at ');
  expect(emulator.meter.requests).toEqual([]);
});

test.each(['0', '1', '2', '0,1,2'])('closed descriptors cost no image: %s', async (descriptors) => {
  const { url } = await setUp({ workMs: 0 });
  const out = temporaryFolder();
  const closed = descriptors.split(',').map((fd) => `${fd}>&-`);
  const ended = await shell(`${COMMAND} generate '${PROMPT}' -o '${out}' --json ${closed.join(' ')}`, url, out);
  expect(ended.code).toBe(0);
  expect(readdirSync(out)).toEqual(['image-1.jpg']);
});

test('a key that comes with a line break, and a prompt that comes in pieces', async () => {
  const { emulator, url } = await setUp({ workMs: 0 });
  const line = `export GEMINI_API_KEY="$(printf '%s\\n\\n.' ${KEY})"; GEMINI_API_KEY="\${GEMINI_API_KEY%.}"
    (printf 'a light'; sleep 0.1; printf 'house\\n') | ${COMMAND} generate --json`;
  expect(await shell(line, url, temporaryFolder())).toMatchObject({ code: 0, stderr: '' });
  expect(emulator.meter.requestsTo('create')[0]?.body).toMatchObject({ input: 'a lighthouse' });
});
