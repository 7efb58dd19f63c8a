import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { EmulatorOptions } from '../../src/testing/index.js';
import { temporaryFolder } from '../cli/temporary-folder.js';
import type { Script } from './harness/script.js';
import { fixture, setUp, type Stage } from './harness/set-up.js';
import { describeInTerminal } from './harness/terminal.js';
import { wire } from './harness/wire.js';

type Emulator = Stage['emulator'];

const ROUTES = ['create', 'get', 'stream', 'cancel'] as const;
/** Each request takes so long, with its effect, that a signal meets it on its way. */
const slow: EmulatorOptions = { faults: ROUTES.map((route) => ({ kind: 'delay', route, ms: 1_500, when: 'before' })) };

/** Resolves when a request of this kind has arrived. */
const arrived = (emulator: Emulator, route: (typeof ROUTES)[number]): Promise<unknown> =>
  emulator.waitFor(({ requests }) => requests.some((request) => request.route === route));

/** Every job that may still run is named in what the process has said. */
function expectNamed(emulator: Emulator, { output }: Script): void {
  for (const { name } of emulator.meter.running()) {
    if (!output.includes(String(name))) expect(output).toContain('create has no answer');
  }
}

describeInTerminal('Ctrl+C during a probe', () => {
  test.each(ROUTES)('while the request %s is on its way: cancels the job, and dies of SIGINT', async (route) => {
    const { emulator, inTerminal } = await setUp(slow);
    const script = await inTerminal(fixture('probe'));
    await arrived(emulator, route);
    script.press();
    expect(await script.ended).toEqual([null, 'SIGINT']);
    expect(wire(emulator)).toMatchObject({ creates: 1, jobs: ['cancelled'] });
    expect(script.output).not.toContain('@report');
  });

  test.each(ROUTES)('a second press while the request %s is on its way: names the job', async (route) => {
    const hang = [
      { kind: 'hang', route: 'cancel' },
      { kind: 'delay', route, ms: 3_000 },
    ] as const;
    const { emulator, inTerminal } = await setUp({ faults: [...hang] });
    const script = await inTerminal(fixture('probe'));
    await arrived(emulator, route);
    script.press();
    await script.says(/Press Ctrl\+C again/);
    setTimeout(() => script.press(), 800);
    expect(await script.ended).toEqual([null, 'SIGINT']);
    expectNamed(emulator, script);
  });
});

test.each(ROUTES)('SIGTERM while the request %s is on its way: cancels the job, and dies of it', async (route) => {
  const { emulator, run } = await setUp(slow);
  const script = run(fixture('probe'));
  await arrived(emulator, route);
  script.child.kill('SIGTERM');
  const ending = await script.ended;
  expect(wire(emulator)).toMatchObject({ creates: 1, jobs: ['cancelled'] });
  if (ending[1] === 'SIGTERM') return;
  // It came in the very turn in which the probe ended, and took its listeners off: the report is whole, and nothing runs.
  expect(ending).toEqual([0, null]);
  expect(await script.value('report')).toMatchObject({ end: { status: 'cancelled', confirmed: true }, leftovers: [] });
});

test.each([500, 2_000, 3_500, 5_000])('process.exit() after %d ms cancels the job, or names it', async (exitMs) => {
  const { emulator, run } = await setUp(slow);
  const script = run(fixture('probe', String(exitMs)));
  expect(await script.ended).toEqual([3, null]);
  expectNamed(emulator, script);
});

/** So many moments are tried. `PROBE_TIMES=200` tries more. */
const TIMES = Number(process.env['PROBE_TIMES'] ?? 20);
const AT_ONCE = 4;
const quick: EmulatorOptions = { workMs: 20_000, faults: ROUTES.map((route) => ({ kind: 'delay', route, ms: 100 })) };

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const KEY = 'a-secret-key';

/** Ends a probe after so many ms, by a signal, two presses, or its own process.exit(). Every other one is the command. */
async function endAfter(ms: number, way: 'SIGINT' | 'SIGTERM' | 'twice' | 'exit', isCommand: boolean): Promise<void> {
  const { emulator, url, run } = await setUp(quick);
  const env = { GEMINI_API_KEY: KEY, GOOGLE_GEMINI_BASE_URL: url, XDG_STATE_HOME: temporaryFolder() };
  const command = [process.execPath, CLI, 'probe', '--yes'];
  const script = run(isCommand ? command : fixture('probe', ...(way === 'exit' ? [String(ms)] : [])), { env });
  const kill = (): unknown => script.child.kill(way === 'SIGTERM' ? 'SIGTERM' : 'SIGINT');
  if (way !== 'exit') void arrived(emulator, 'create').then(() => setTimeout(kill, ms));
  if (way === 'twice')
    void script.says(/to quit now/).then(
      () => setTimeout(kill, 600),
      () => undefined,
    );
  await script.ended;
  expectNamed(emulator, script);
  expect(script.output).not.toContain(KEY);
}

test(`${TIMES} times at any moment: no job is left running that is not named`, async () => {
  const ways = ['SIGINT', 'SIGTERM', 'twice', 'exit'] as const;
  const moments = Array.from({ length: TIMES }, (_, index) => index);
  for (let first = 0; first < TIMES; first += AT_ONCE) {
    // Each way meets moments all over the time that a probe takes.
    const some = moments.slice(first, first + AT_ONCE);
    await Promise.all(
      some.map((moment) => {
        const way = ways[moment % ways.length] ?? 'exit';
        const isCommand = way !== 'exit' && Math.floor(moment / ways.length) % 2 === 0;
        return endAfter((moment * 379) % 2_500, way, isCommand);
      }),
    );
  }
}, 600_000);

test('a probe that nobody disturbs ends by itself, and so does the process', async () => {
  const { emulator, run } = await setUp();
  const script = run(fixture('probe'));
  expect(await script.ended).toEqual([0, null]);
  expect(await script.value('report')).toMatchObject({ world: 'A', end: { status: 'cancelled', confirmed: true } });
  expect(wire(emulator)).toEqual({ creates: 1, cancels: 2, jobs: ['cancelled'] });
});
