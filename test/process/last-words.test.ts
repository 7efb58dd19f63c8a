import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { OperationOptions } from '../../src/api/options.js';
import type { Emulator, EmulatorOptions } from '../../src/testing/http/index.js';
import { linesOf } from './harness/script.js';
import { fixture, setUp, type PipedScript } from './harness/set-up.js';
import { clientsGone, inFlight, wire } from './harness/wire.js';

const WORK_MS = 1_000;
const C: EmulatorOptions = { background: 'refused', workMs: WORK_MS };
const A: EmulatorOptions = { workMs: WORK_MS };

interface Told {
  readonly caller: 'drop-in' | 'onImage' | 'failing onImage' | 'listener';
  readonly ending?: 'process.exit()';
  readonly count?: number;
  readonly writeMs?: number;
}

interface Running {
  readonly emulator: Emulator;
  readonly script: PipedScript;
  readonly url: string;
  /** Names of the images in hand. */
  readonly inHand: () => string[];
}

/** Starts a caller, with its images in a folder. */
async function call(world: EmulatorOptions, told: Told, options: OperationOptions = {}): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'genai-cancel-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { emulator, run, url } = await setUp(world);
  const script = run(fixture('caller', JSON.stringify({ folder, ...told })), { options });
  return { emulator, script, url, inHand: () => readdirSync(folder).sort() };
}

const isMade = ({ endReason }: { endReason?: string | undefined }): boolean => endReason === 'completed';

/** Resolves when one image is made and the next one is in the making. */
async function secondInTheMaking(emulator: Emulator): Promise<void> {
  await emulator.waitFor(({ jobs }) => jobs.filter(isMade).length === 1 && jobs.length === 2);
}

const paid = ({ meter }: Emulator): number => meter.jobs.filter(({ endReason }) => endReason !== 'cancelled').length;
const REFUSED = /^gemini-\S+ cannot be cancelled on the server, because/;
/** Lists the printed lines, without the warning that comes with the refusal. */
const said = (script: PipedScript): string[] => linesOf(script).filter((line) => !REFUSED.test(line));

describe('Ctrl+C where the server cannot cancel', () => {
  test('a caller that has only its promise: what is finished, and what is in the making, is said to be lost', async () => {
    const { emulator, script } = await call(C, { caller: 'drop-in' });
    await secondInTheMaking(emulator);
    script.child.kill('SIGINT');
    expect(await script.ended).toEqual([null, 'SIGINT']);
    expect(paid(emulator)).toBe(2);
    expect(said(script)).toEqual([
      'SIGINT: 1 request cannot be cancelled; 2 jobs were never sent. Press Ctrl+C again to quit now.',
      'images: 1 completed, 1 may still be made, 2 not started.',
      'lost: 1 finished image. Nobody has received it; the option `onImage` would have received it.',
      '1 request cannot be cancelled and may still be running: its image is lost. With the option `onImage` the process would have waited for it.',
    ]);
  });

  test('with `onImage`: the image in the making is waited for, and nothing is lost', async () => {
    const { emulator, script, inHand } = await call(C, { caller: 'onImage', writeMs: 300 });
    await secondInTheMaking(emulator);
    script.child.kill('SIGINT');
    expect(await script.ended).toEqual([null, 'SIGINT']);
    expect(paid(emulator)).toBe(2);
    expect(inHand()).toHaveLength(2);
    expect(said(script)).toEqual([
      'SIGINT: 1 request cannot be cancelled; 2 jobs were never sent. Press Ctrl+C again to quit now.',
      'images: 2 completed, 2 not started.',
    ]);
  });

  test('with `onImage`, and no time to wait: what did not come is said', async () => {
    const limits = { shutdownMs: 1 };
    const { emulator, script } = await call({ ...C, workMs: 3_000 }, { caller: 'onImage', count: 1 }, { limits });
    await emulator.waitFor(({ jobs }) => jobs.length === 1);
    script.child.kill('SIGTERM');
    expect(await script.ended).toEqual([null, 'SIGTERM']);
    expect(said(script)).toEqual([
      'SIGTERM: 1 request cannot be cancelled. Send SIGTERM again to quit now.',
      'images: 1 may still be made.',
      '1 request cannot be cancelled and may still be running: its image is lost. Nothing came within `limits.shutdownMs`.',
    ]);
  });

  test('a listener may not have finished with its image, and nobody waits for it', async () => {
    const { emulator, script, inHand } = await call(C, { caller: 'listener', writeMs: 60_000 });
    await secondInTheMaking(emulator);
    script.child.kill('SIGINT');
    expect(await script.ended).toEqual([null, 'SIGINT']);
    expect(inHand()).toEqual([]);
    expect(said(script)).toContain(
      'perhaps lost: 1 finished image was given to code that may not have finished with it. A promise of `onImage` would have been waited for.',
    );
  });

  test('a second press names what is left, and dies of the first signal', async () => {
    const { emulator, script } = await call({ ...C, workMs: 5_000 }, { caller: 'onImage', count: 2 });
    await emulator.waitFor(({ jobs }) => jobs.length === 1);
    script.child.kill('SIGTERM');
    await script.says(/cannot be cancelled; 1 job was never sent/);
    setTimeout(() => script.child.kill('SIGINT'), 600);
    expect(await script.ended).toEqual([null, 'SIGTERM']);
    expect(said(script).slice(1)).toEqual([
      '1 request cannot be cancelled and may still be running: its image is lost.',
    ]);
  });
});

describe('Ctrl+C where the server cancels', () => {
  test('a finished image that only a promise would have had is named, and the rest is cancelled', async () => {
    const { emulator, script, url } = await call(A, { caller: 'drop-in', count: 2 }, { maxConcurrency: 1 });
    await secondInTheMaking(emulator);
    await inFlight(emulator, 2);
    script.child.kill('SIGINT');
    expect(await script.ended).toEqual([null, 'SIGINT']);
    expect(wire(emulator).jobs).toEqual(['completed', 'cancelled']);
    const name = String(emulator.meter.jobs[0]?.name);
    expect(said(script)).toEqual([
      'SIGINT: cancelling 1 job on the server. Press Ctrl+C again to quit now.',
      'images: 1 cancelled (confirmed by the server), 1 completed.',
      `1 finished image of ${name} was not handed over. Fetch it with: npx --no genai-cancel attach ${name} -o . --base-url ${url}`,
    ]);
  });

  test('an image that `onImage` failed for is named', async () => {
    const { emulator, script } = await call(A, { caller: 'failing onImage', count: 2 }, { maxConcurrency: 1 });
    await secondInTheMaking(emulator);
    await inFlight(emulator, 2);
    script.child.kill('SIGINT');
    expect(await script.ended).toEqual([null, 'SIGINT']);
    const name = String(emulator.meter.jobs[0]?.name);
    expect(said(script)).toContainEqual(
      expect.stringMatching(
        `^1 finished image of ${name} was not handed over. Fetch it with: npx --no genai-cancel attach`,
      ),
    );
  });
});

describe.each([403, 404] as const)('a server that answers %i to cancels of what runs', (status) => {
  const access = status === 403 ? 'forbidden' : 'not-found';
  const world = { workMs: 60_000, whileRunning: { reads: access, cancels: access } } as const;

  test('Ctrl+C: nothing is called confirmed, and the job is named with both commands', async () => {
    const { emulator, script, url } = await call(world, { caller: 'drop-in', count: 1 }, { cancelTimeoutMs: 600 });
    await inFlight(emulator);
    script.child.kill('SIGINT');
    expect(await script.ended).toEqual([null, 'SIGINT']);
    const name = String(emulator.meter.jobs[0]?.name);
    expect(said(script)).toEqual([
      'SIGINT: cancelling 1 job on the server. Press Ctrl+C again to quit now.',
      'images: 1 may still be made.',
      `may still be running: ${name}. Cancel it with: npx --no genai-cancel cancel ${name} --base-url ${url} or fetch what it makes with: npx --no genai-cancel attach ${name} -o . --base-url ${url}`,
    ]);
  });

  test('process.exit(): the job is named', async () => {
    const { emulator, script } = await call(world, { caller: 'drop-in', ending: 'process.exit()', count: 1 });
    await inFlight(emulator);
    script.child.kill('SIGUSR2');
    expect(await script.ended).toEqual([3, null]);
    expect(said(script)).toEqual([
      expect.stringContaining(`may still be running: ${String(emulator.meter.jobs[0]?.name)}. Cancel it with:`),
    ]);
  });
});

describe('process.exit()', () => {
  const exit = { ending: 'process.exit()' } as const;

  test.each([{}, { signals: false as const }])('with %o: says what was acknowledged only as that', async (options) => {
    const { emulator, script } = await call({}, { ...exit, caller: 'drop-in', count: 1 }, options);
    await inFlight(emulator);
    script.child.kill('SIGUSR2');
    expect(await script.ended).toEqual([3, null]);
    const name = String(emulator.meter.jobs[0]?.name);
    expect(said(script)).toEqual([
      expect.stringContaining(`the cancel was acknowledged, and its end is not confirmed: ${name}. Cancel it with:`),
    ]);
  });

  test('with `limits.exitMs: 0`: sends nothing, and says the same as ever', async () => {
    const options = { signals: false as const, limits: { exitMs: 0 } };
    const { emulator, script } = await call({}, { ...exit, caller: 'drop-in', count: 1 }, options);
    await inFlight(emulator);
    script.child.kill('SIGUSR2');
    expect(await script.ended).toEqual([3, null]);
    await clientsGone(emulator);
    expect(wire(emulator).cancels).toBe(0);
    expect(said(script)).toEqual([
      expect.stringContaining(`may still be running: ${String(emulator.meter.jobs[0]?.name)}. Cancel it with:`),
    ]);
  });

  test('while a create is in flight: says that a job may run without a name', async () => {
    const hang = { kind: 'hang', route: 'create', when: 'after' } as const;
    const { emulator, script } = await call({ faults: [hang] }, { ...exit, caller: 'drop-in', count: 1 });
    await emulator.waitFor(({ jobs }) => jobs.length === 1);
    script.child.kill('SIGUSR2');
    expect(await script.ended).toEqual([3, null]);
    expect(said(script)).toEqual([expect.stringMatching(/^1 create has no answer\. A job may be running/)]);
  });

  test('where the server cannot cancel: says what is lost, and nothing of what was never sent', async () => {
    const { emulator, script } = await call(C, { ...exit, caller: 'drop-in' });
    await secondInTheMaking(emulator);
    script.child.kill('SIGUSR2');
    expect(await script.ended).toEqual([3, null]);
    expect(said(script)).toEqual([
      'lost: 1 finished image. Nobody has received it; the option `onImage` would have received it.',
      '1 request cannot be cancelled and may still be running: its image is lost.',
    ]);
  });
});

describe('a crowd of operations', () => {
  const CROWD = 400;

  // Trap #80 of docs/traps.md.
  test('is one press and one summary, and names each job', async () => {
    const { emulator, run } = await setUp({ faults: [{ kind: 'cancel-ignored' }] });
    const options = { cancelTimeoutMs: 8_000, limits: { pollMs: 1_000 } };
    const script = run(fixture('crowd', String(CROWD)), { options });
    await script.says(/@submitted/);
    script.child.kill('SIGINT');
    expect(await script.ended).toEqual([null, 'SIGINT']);
    const lines = said(script);
    expect(lines[0]).toBe(`SIGINT: cancelling ${CROWD} jobs on the server. Press Ctrl+C again to quit now.`);
    expect(lines[1]).toBe(`images: ${CROWD} may still be made.`);
    expect(lines.slice(2, 22).every((line) => line.startsWith('may still be running: interactions/'))).toBe(true);
    expect(lines).toHaveLength(23);
    expect(lines[22]).toMatch(
      new RegExp(`^${CROWD - 20} more of them: (interactions/[\\w-]+(, )?){${CROWD - 20}}\\.$`),
    );
    expect(new Set(emulator.meter.requestsTo('cancel').map(({ job }) => job)).size).toBe(CROWD);
  });
});
