import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, readdirSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { EmulatorOptions } from '../../../src/testing/index.js';
import { temporaryFolder } from '../temporary-folder.js';
import { CommandProcess, KEY, PROMPT, setUp } from './cli.js';

/** Each whole line of JSON. Throws for a line that is torn. */
function eventsIn(stdout: string): Record<string, unknown>[] {
  expect(stdout.endsWith('\n')).toBe(true);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** A pipe as a shell makes it, of 64 KiB. Node would connect a socket, which takes more. */
function pipe() {
  const path = join(temporaryFolder(), 'pipe');
  execFileSync('mkfifo', [path]);
  const reader = new Socket({ fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK), writable: false });
  onTestFinished(() => void reader.destroy());
  let text = '';
  return {
    writer: openSync(path, 'w'),
    /** Reads all of it, from now on. */
    read: async () => {
      reader.on('data', (chunk) => (text += String(chunk)));
      await once(reader, 'end');
      return text;
    },
  };
}

/** Starts the command with a pipe that nobody reads yet. */
async function startOnPipe(args: readonly string[], options: EmulatorOptions) {
  const { emulator, url } = await setUp(options);
  const { writer, read } = pipe();
  const environment = { GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: KEY };
  const given = ['generate', PROMPT, ...args, '--yes', '--json', '-o', temporaryFolder()];
  const cli = new CommandProcess(given, environment, '', { stdout: writer });
  closeSync(writer);
  return { emulator, cli, read };
}

describe('lines of JSON are whole', () => {
  test('at Ctrl+C, though the reader takes its time and the last line is longer than the pipe', async () => {
    const { emulator, cli, read } = await startOnPipe(['-n', '400'], { workMs: 60_000 });
    await emulator.waitFor(({ jobs }) => jobs.length >= 8);
    cli.kill('SIGINT');
    await emulator.waitFor(({ jobs }) => jobs.every(({ status }) => status === 'cancelled'));
    await setTimeout(500);
    const [{ signal, stderr }, stdout] = await Promise.all([cli.ended, read()]);
    expect([signal, stderr]).toEqual(['SIGINT', '']);
    const events = eventsIn(stdout);
    expect(events.at(-1)).toMatchObject({ type: 'settled', report: { trigger: 'SIGINT', outcome: 'cancelled' } });
    expect(Buffer.byteLength(JSON.stringify(events.at(-1)))).toBeGreaterThan(65_536);
  });

  test('when everything is over before its reader has begun', async () => {
    const { emulator, cli, read } = await startOnPipe(['-n', '120'], { workMs: 0 });
    await emulator.waitFor((meter) => meter.jobs.length === 120 && meter.running().length === 0);
    await setTimeout(500);
    const [{ code }, stdout] = await Promise.all([cli.ended, read()]);
    expect(code).toBe(0);
    expect(Buffer.byteLength(stdout)).toBeGreaterThan(65_536);
    expect(eventsIn(stdout).at(-1)).toMatchObject({ type: 'settled', state: 'succeeded' });
  });

  test('in a file, and the usage is in the last one', async () => {
    const { url } = await setUp({ workMs: 0 });
    const file = join(temporaryFolder(), 'events');
    const fd = openSync(file, 'w');
    const environment = { GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: KEY };
    const args = ['generate', PROMPT, '--json', '-o', temporaryFolder()];
    const cli = new CommandProcess(args, environment, '', { stdout: fd });
    closeSync(fd);
    expect(await cli.ended).toMatchObject({ code: 0 });
    expect(eventsIn(readFileSync(file, 'utf8')).at(-1)).toMatchObject({
      type: 'settled',
      usage: { totalTokens: expect.any(Number) as number, outputImageTokens: 1120 },
    });
  });
});

test('a reader that stops for good does not hold the cancels up, nor the end for long', async () => {
  const { emulator, cli } = await startOnPipe(['-n', '400'], { workMs: 60_000 });
  await emulator.waitFor(({ jobs }) => jobs.length >= 8);
  cli.kill('SIGINT');
  expect(await cli.ended).toMatchObject({ signal: 'SIGINT' });
  expect(emulator.meter.running()).toEqual([]);
});

test.each(['/dev/full', 'closed'])('a stdout that takes nothing costs no image: %s', async (place) => {
  const { url } = await setUp({ workMs: 0 });
  const environment = { GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: KEY };
  for (const json of [[], ['--json']]) {
    const out = temporaryFolder();
    const fd = place === 'closed' ? undefined : openSync(place, 'w');
    const args = ['generate', PROMPT, '-o', out, ...json];
    const cli = new CommandProcess(args, environment, '', { stdout: fd ?? 'ignore' });
    if (fd !== undefined) closeSync(fd);
    expect(await cli.ended).toMatchObject({ code: 0, signal: null });
    expect(readdirSync(out)).toEqual(['image-1.jpg']);
  }
});

test('a pipeline whose reader wants one line only', async () => {
  const { url } = await setUp({ workMs: 0 });
  const out = temporaryFolder();
  const command = `'${process.execPath}' dist/cli.js generate x -n 3 --json -o '${out}' | head -n 1`;
  const { PATH = '' } = process.env;
  const env = { PATH, GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: KEY, XDG_STATE_HOME: temporaryFolder() };
  const shell = spawn('bash', ['-o', 'pipefail', '-c', command], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  shell.stdout.on('data', (chunk) => (stdout += String(chunk)));
  expect(await once(shell, 'close')).toEqual([0, null]);
  expect(eventsIn(stdout)).toHaveLength(1);
  expect(readdirSync(out)).toHaveLength(3);
});
