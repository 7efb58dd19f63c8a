import { expect, test } from 'vitest';
import type { EmulatorOptions } from '../../src/testing/index.js';
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
  expect(await script.ended).toEqual([null, 'SIGTERM']);
  expect(wire(emulator)).toMatchObject({ creates: 1, jobs: ['cancelled'] });
});

test.each([500, 2_000, 3_500, 5_000])('process.exit() after %d ms cancels the job, or names it', async (exitMs) => {
  const { emulator, run } = await setUp(slow);
  const script = run(fixture('probe', String(exitMs)));
  expect(await script.ended).toEqual([3, null]);
  expectNamed(emulator, script);
});

test('a probe that nobody disturbs ends by itself, and so does the process', async () => {
  const { emulator, run } = await setUp();
  const script = run(fixture('probe'));
  expect(await script.ended).toEqual([0, null]);
  expect(await script.value('report')).toMatchObject({ world: 'A', end: { status: 'cancelled', confirmed: true } });
  expect(wire(emulator)).toEqual({ creates: 1, cancels: 2, jobs: ['cancelled'] });
});
