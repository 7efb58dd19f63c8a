import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { EmulatorOptions } from '../../../src/testing/index.js';
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
    const said = stderr.replaceAll('\n\r\u001b[2K', ' ');
    expect(said).toMatch(/starts one small image of gemini-3\.1-flash-image at 127\.0\.0\.1:\d+.*up to one image/);
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

  test('--streamed: on the wire, one more image in the foreground, which is left and then read until it is there', async () => {
    const { emulator, run } = await setUp({ workMs: 1_500 });
    const { code, stdout, stderr } = await run([...PROBE, '--streamed']);
    expect(code).toBe(0);
    expect(stderr).toContain('up to two images');
    const { meter } = emulator;
    const [background, streamed] = meter.jobs;
    expect([background?.endReason, streamed?.endReason]).toEqual(['cancelled', 'completed']);
    expect(meter.requestsTo('create').map(({ body }) => body)).toEqual([
      expect.objectContaining({ background: true }),
      expect.objectContaining({ stream: true, response_format: { type: 'image', image_size: '512' } }),
    ]);
    expect(meter.requestsTo('create')[1]?.body).not.toHaveProperty('background');
    expect(streamed?.clientGoneAt).toBeLessThan(streamed?.endedAt ?? 0);
    const reads = meter.requestsTo('get').filter(({ job }) => job === streamed?.name);
    expect(reads.length).toBeGreaterThan(1);
    expect(reads.every(({ status }) => status === 200)).toBe(true);
    expect(reads.at(-1)?.at).toBeGreaterThan(streamed?.clientGoneAt ?? Infinity);
    expect(meter.requestsTo('cancel').every(({ job }) => job === background?.name)).toBe(true);
    expect(stdout).toContain('\nSettled: id-in-first-event: the first event of a stream has a name (docs/');
    expect(stdout).toContain('\nSettled: fetch-after-hangup: a read after hanging up is answered by HTTP 200 (docs/');
    expect(stdout + stderr).not.toContain(KEY);
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

describe('each line of the report, the other way', () => {
  const nameless = {
    kind: 'garbage',
    route: 'create',
    skip: 1,
    body: 'data: {"event_type":"interaction.created","interaction":{"status":"in_progress"}}\n\n',
    contentType: 'text/event-stream',
  } as const;

  test.each<[string, EmulatorOptions, string]>([
    ['background', { background: 'refused' }, 'a background job is refused'],
    ['read-while-running', { whileRunning: { reads: 'forbidden' } }, 'a read is answered by HTTP 403'],
    ['stream-while-running', { faults: [{ kind: 'status', status: 403, route: 'stream' }] }, 'HTTP 403, and 0 events'],
    ['cancel-while-running', { whileRunning: { cancels: 'forbidden' } }, 'HTTP 403, and the job ends as completed'],
    ['cancel-again', { cancelAfterEnd: 200 }, 'a second cancel is answered by HTTP 200'],
    ['final-status', { whileRunning: { cancels: 'forbidden' } }, 'the last status is completed'],
    ['usage-after-cancel', { usageWhenCancelled: true }, '5 tokens are reported'],
    ['id-in-first-event', { faults: [nameless] }, 'the first event of a stream has no name'],
    [
      'fetch-after-hangup',
      { faults: [{ kind: 'status', status: 404, route: 'get', skip: 2 }] },
      'a read after hanging up is answered by HTTP 404',
    ],
  ])('%s', async (question, options, answer) => {
    const { run } = await setUp({ workMs: 3_000, ...options });
    const more = ['id-in-first-event', 'fetch-after-hangup'].includes(question) ? ['--streamed'] : [];
    const { stdout, stderr } = await run([...PROBE, ...more]);
    expect(stdout + stderr).not.toContain(KEY);
    expect(stdout).toContain(`\nSettled: ${question}: ${answer} (docs/`);
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
    const [[key, kept] = ['', { observedAt: 0 }]] = Object.entries(
      JSON.parse(readFileSync(path, 'utf8')) as Record<string, { observedAt: number }>,
    );
    const old = { ...kept, observedAt: kept.observedAt - 31 * 86_400_000 };
    const generate = ['generate', PROMPT, '--require-cancelable', '-o', temporaryFolder()];
    for (const text of [JSON.stringify({ [key]: old }), '{"observedAt"', 'null', '[7]']) {
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
    writeFileSync(path, JSON.stringify({ old: { observedAt: 0 }, fresh: { observedAt: Date.now() } }));
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
    expect((await run(['capabilities', '--base-url', 'http://localhost'])).stdout).toContain('nobody knows');
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
