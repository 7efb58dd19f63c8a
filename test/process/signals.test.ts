import { describe, expect, test } from 'vitest';
import { fixture, setUp } from './harness/set-up.js';
import { CANCELLED_ONCE, inFlight, LEFT_RUNNING, wire } from './harness/wire.js';

describe.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s from another process', (signal) => {
  // Trap #10 of docs/traps.md.
  test('cancels the job, waits until the server confirms it, and the script dies of it', async () => {
    const { emulator, run } = await setUp({ faults: [{ kind: 'cancel-lag', ms: 1500 }] });
    const script = run(fixture('generate'));
    await inFlight(emulator);
    script.child.kill(signal);
    expect(await script.ended).toEqual([null, signal]);
    expect(wire(emulator)).toEqual(CANCELLED_ONCE);
    expect(emulator.meter.jobs[0]?.endedAt).toBeLessThanOrEqual(script.endedAt);
  });

  test('is left to Node where `signals` is false: nothing is cancelled', async () => {
    const { emulator, run } = await setUp();
    const script = run(fixture('generate'), { options: { signals: false } });
    await inFlight(emulator);
    script.child.kill(signal);
    expect(await script.ended).toEqual([null, signal]);
    expect(wire(emulator)).toEqual(LEFT_RUNNING);
  });
});

describe('a list of signals', () => {
  test.each([
    ['SIGTERM', CANCELLED_ONCE],
    ['SIGINT', LEFT_RUNNING],
  ] as const)('of SIGTERM only: %s', async (signal, expected) => {
    const { emulator, run } = await setUp();
    const script = run(fixture('generate'), { options: { signals: ['SIGTERM'] } });
    await inFlight(emulator);
    script.child.kill(signal);
    expect(await script.ended).toEqual([null, signal]);
    expect(wire(emulator)).toEqual(expected);
  });
});

describe('SIGUSR2, with which nodemon ends a process', () => {
  test('cancels where it is listed: the report names it, and the script dies of it', async () => {
    const { emulator, run } = await setUp({ faults: [{ kind: 'cancel-lag', ms: 500 }] });
    const script = run(fixture('settled'), { options: { signals: ['SIGUSR2'] } });
    await inFlight(emulator);
    script.child.kill('SIGUSR2');
    expect(await script.ended).toEqual([null, 'SIGUSR2']);
    expect(await script.value('settled')).toEqual({ state: 'cancelled', trigger: 'SIGUSR2', outcome: 'cancelled' });
    expect(script.output).not.toContain('@told');
    expect(wire(emulator)).toEqual(CANCELLED_ONCE);
    expect(emulator.meter.jobs[0]?.endedAt).toBeLessThanOrEqual(script.endedAt);
  });

  test('is left to Node where it is not', async () => {
    const { emulator, run } = await setUp();
    const script = run(fixture('generate'));
    await inFlight(emulator);
    script.child.kill('SIGUSR2');
    expect(await script.ended).toEqual([null, 'SIGUSR2']);
    expect(wire(emulator)).toEqual(LEFT_RUNNING);
  });
});

// Trap #31 of docs/traps.md.
test('a server that never answers the cancel is waited for no longer than the budget, and the job is named', async () => {
  const { emulator, run } = await setUp({ faults: [{ kind: 'hang', route: 'cancel' }] });
  const script = run(fixture('generate'), { options: { cancelTimeoutMs: 1000 } });
  await inFlight(emulator);
  script.child.kill('SIGINT');
  expect(await script.ended).toEqual([null, 'SIGINT']);
  expect(wire(emulator)).toMatchObject({ creates: 1, jobs: ['running'] });
  expect(script.output).toContain(`npx --no genai-cancel cancel ${String(emulator.meter.jobs[0]?.name)}`);
});

test.each(['SIGTERM', 'SIGINT'] as const)('detached, the job is left running by %s', async (signal) => {
  const { emulator, run } = await setUp();
  const script = run(fixture('detach'));
  await script.says(/@detached/);
  script.child.kill(signal);
  expect(await script.ended).toEqual([null, signal]);
  expect(wire(emulator)).toEqual(LEFT_RUNNING);
});

test('detached, the job is left running when another one is cancelled', async () => {
  const { emulator, run } = await setUp();
  const script = run(fixture('detach', 'and another'));
  await inFlight(emulator, 2);
  script.child.kill('SIGINT');
  expect(await script.ended).toEqual([null, 'SIGINT']);
  const { creates, cancels, jobs } = wire(emulator);
  expect({ creates, cancels, jobs: jobs.sort() }).toEqual({ creates: 2, cancels: 1, jobs: ['cancelled', 'running'] });
});
