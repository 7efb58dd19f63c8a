import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../temporary-folder.js';
import { KEY, PROMPT, runHere, setUp } from './cli.js';

const PROBE = ['probe', '--yes'];
const resultsOf = (journal: string): string => join(dirname(journal), 'probes.json');

describe('consent', () => {
  test('without a terminal and --yes: sends nothing, and names the cost: exit code 2', async () => {
    const { emulator, run } = await setUp();
    const { code, stdout, stderr } = await run(['probe']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/Nothing was sent.* up to one image.* add --yes/);
    expect(emulator.meter.requests).toEqual([]);
  });

  test('in a terminal it asks: no is exit code 2, yes is a probe', async () => {
    const { emulator, run } = await setUp({ workMs: 20_000 });
    const terminal = { stdin: true, stderr: true };
    expect(await run(['probe'], '\n', terminal)).toMatchObject({ code: 2, stdout: '' });
    expect(emulator.meter.requests).toEqual([]);
    const { code, stderr } = await run(['probe'], 'y\n', terminal);
    expect(code).toBe(0);
    expect(stderr).toMatch(/starts one small image of gemini-3\.1-flash-image at 127\.0\.0\.1:\d+.*up to one image/);
  });

  test('without a key: exit code 2', async () => {
    expect(await runHere(PROBE, {})).toMatchObject({ code: 2 });
  });
});

describe('the report', () => {
  test('world A', async () => {
    const { run } = await setUp({ workMs: 20_000 });
    const { code, stdout } = await run(PROBE);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Start a background job: HTTP 200, in_progress\n/);
    expect(stdout).toMatch(/^Cancel it: HTTP 200\nCancel it: HTTP 400/m);
    expect(stdout.slice(stdout.indexOf('World'))).toBe(
      [
        'World A: the server accepts background jobs, and cancels them.',
        'Settled: background: a background job is accepted (docs/stopping.md)',
        'Settled: read-while-running: a read is answered by HTTP 200 (docs/faq.md#what-could-not-be-checked)',
        'Settled: stream-while-running: HTTP 200, and 3 events (docs/faq.md#what-could-not-be-checked)',
        'Settled: cancel-while-running: HTTP 200, and the job ends as cancelled (docs/faq.md#what-could-not-be-checked)',
        'Settled: cancel-again: a second cancel is answered by HTTP 400 (docs/faq.md#what-could-not-be-checked)',
        'Settled: final-status: the last status is cancelled (docs/cancelling.md)',
        'Settled: usage-after-cancel: no tokens are reported (docs/cancelling.md#what-is-charged)',
        '',
      ].join('\n'),
    );
  });

  test('world B', async () => {
    const { run } = await setUp({ workMs: 4_000, whileRunning: { reads: 'forbidden', cancels: 'forbidden' } });
    const { code, stdout } = await run(PROBE);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^World B: /m);
    expect(stdout).toMatch(/^Settled: read-while-running: a read is answered by HTTP 403 /m);
  });

  test('world C, as JSON: one line, and no key', async () => {
    const { run } = await setUp({ background: 'refused' });
    const { code, stdout, stderr } = await run([...PROBE, '--json', '--model', 'gemini-3-pro-image']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ type: 'probe', model: 'gemini-3-pro-image', world: 'C' });
    expect(stdout + stderr).not.toContain(KEY);
  });

  test('--streamed says what one more image has shown, and that it costs', async () => {
    const { emulator, run } = await setUp({ workMs: 1_000 });
    const { code, stdout, stderr } = await run([...PROBE, '--streamed']);
    expect(code).toBe(0);
    expect(stderr).toContain('up to two images');
    expect(stdout).toMatch(/^Settled: id-in-first-event: the first event of a stream has a name /m);
    expect(stdout).toMatch(/^Settled: fetch-after-hangup: a read after hanging up is answered by HTTP 200 /m);
    expect(emulator.meter.jobs).toMatchObject([{ endReason: 'cancelled' }, { endReason: 'completed' }]);
  });

  test('a wrong key settles nothing: exit code 1', async () => {
    const { url } = await setUp();
    const ended = await runHere(PROBE, { GEMINI_API_KEY: 'another-secret', GOOGLE_GEMINI_BASE_URL: url });
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain('Start a background job: HTTP 401');
    expect(ended.stdout + ended.stderr).not.toContain('another-secret');
  });

  test('--timeout cancels the job: exit code 1, and no report', async () => {
    const { emulator, run, journal } = await setUp({
      workMs: 60_000,
      faults: [{ kind: 'delay', route: 'get', ms: 2_000 }],
    });
    const { code, stdout, stderr } = await run([...PROBE, '--timeout', '0.5']);
    expect(code).toBe(1);
    expect(stdout).not.toContain('World');
    expect(stderr).toContain('the time of --timeout was over');
    expect(emulator.meter.jobs).toMatchObject([{ endReason: 'cancelled' }]);
    expect(readdirSync(journal)).toEqual([]);
  });

  test('takes no prompt, and no bad value: exit code 2', async () => {
    for (const args of [['x'], ['--timeout', '0'], ['--model', ' '], ['--number', '2']]) {
      expect(await runHere([...PROBE, ...args], { GEMINI_API_KEY: KEY })).toMatchObject({ code: 2 });
    }
  });
});

describe('the kept result', () => {
  test('after a refusal, generate --require-cancelable sends nothing', async () => {
    const { emulator, run, journal } = await setUp({ background: 'refused' });
    await run(PROBE);
    const path = resultsOf(journal);
    if (process.platform !== 'win32') {
      expect([statSync(dirname(path)).mode & 0o777, statSync(path).mode & 0o777]).toEqual([0o700, 0o600]);
    }
    expect(readFileSync(path, 'utf8')).not.toContain(KEY);
    const sent = emulator.meter.requests.length;
    const generate = ['generate', PROMPT, '--require-cancelable', '-o', temporaryFolder()];
    const { code, stderr } = await run(generate);
    expect(code).toBe(1);
    expect(stderr).toMatch(/Nothing was sent: .* cannot be cancelled/);
    expect(emulator.meter.requests).toHaveLength(sent);
    // Of another model nothing is known.
    await run([...generate, '--model', 'gemini-3-pro-image']);
    expect(emulator.meter.requests.length).toBeGreaterThan(sent);
  });

  test('after 30 days, and if it cannot be read, it counts no more', async () => {
    const { emulator, run, journal } = await setUp({ background: 'refused' });
    await run(PROBE);
    const path = resultsOf(journal);
    const [[key = '', kept] = []] = Object.entries(
      JSON.parse(readFileSync(path, 'utf8')) as Record<string, { at: number }>,
    );
    const old = { ...kept, at: (kept?.at ?? 0) - 31 * 86_400_000 };
    const generate = ['generate', PROMPT, '--require-cancelable', '-o', temporaryFolder()];
    for (const text of [JSON.stringify({ [key]: old }), '{"at"', 'null', '[7]']) {
      writeFileSync(path, text);
      const sent = emulator.meter.requests.length;
      await run(generate);
      expect(emulator.meter.requests.length).toBeGreaterThan(sent);
    }
  });

  test('what is too old is removed, and the rest is kept', async () => {
    const { run, journal } = await setUp({ background: 'refused' });
    const path = resultsOf(journal);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, JSON.stringify({ old: { at: 0 }, fresh: { at: Date.now() } }));
    await run(PROBE);
    const keys = Object.keys(JSON.parse(readFileSync(path, 'utf8')) as object);
    expect(keys).toHaveLength(2);
    expect(keys).toContain('fresh');
  });

  test('capabilities tells it', async () => {
    const { run } = await setUp({ background: 'refused' });
    expect((await run(['capabilities'])).stdout).toContain('nobody knows');
    await run(PROBE);
    expect((await run(['capabilities'])).stdout).toMatch(/cannot cancel what it makes[^]*^Observed: 20/m);
  });

  test('a folder that cannot be written is a note', async () => {
    const { run, journal } = await setUp({ background: 'refused' });
    mkdirSync(dirname(journal), { recursive: true });
    mkdirSync(resultsOf(journal));
    const { code, stderr } = await run(PROBE);
    expect(code).toBe(0);
    expect(stderr).toContain('could not be kept');
  });
});

describe('process signals', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('%s cancels the job, and the command dies of it', async (signal) => {
    const { emulator, start } = await setUp({ workMs: 60_000, faults: [{ kind: 'delay', route: 'get', ms: 2_000 }] });
    const cli = start(PROBE);
    await cli.says(/^Start a background job/m);
    cli.kill(signal);
    const ended = await cli.ended;
    expect(ended).toMatchObject({ code: null, signal });
    expect(emulator.meter.jobs).toMatchObject([{ endReason: 'cancelled' }]);
    expect(ended.stdout).not.toContain('World');
    expect(ended.stdout + ended.stderr).not.toContain(KEY);
  });
});
