import { describe, expect, test } from 'vitest';
import { leaveOut } from '../support/runtime.js';
import { SCRIPT_RUNTIME } from './harness/script-command.js';
import { fixture, setUp } from './harness/set-up.js';
import { describeInTerminal } from './harness/terminal.js';
import { CANCELLED_ONCE, inFlight, wire } from './harness/wire.js';

const REJECTION = { name: 'AbortError', code: 'ABORT_ERR', trigger: 'SIGINT', outcome: 'cancelled' };
/** The one that was in flight, and the next one, which the application starts and cancels itself. */
const BOTH_CANCELLED = { creates: 2, cancels: 2, jobs: ['cancelled', 'cancelled'] };

describeInTerminal('Ctrl+C with a listener of the application', () => {
  test.each([
    ['on', 'before'],
    ['on', 'after'],
    ['once', 'before'],
    ['once', 'after'],
  ])('by %s, %s the start: cancels, and the process goes on', async (kind, time) => {
    if (SCRIPT_RUNTIME === 'Deno' && kind === 'once' && time === 'before') {
      leaveOut('There `prependListener` is not in front of a listener for a signal that is there already.');
    }
    const { emulator, inTerminal } = await setUp();
    const script = await inTerminal(fixture('application-listener', kind, time));
    await inFlight(emulator);
    script.press();
    expect(await script.ended).toEqual([7, null]);
    expect(await script.value('rejected')).toEqual(REJECTION);
    expect(script.output.match(/@heard/g)).toHaveLength(1);
    expect(script.output).not.toContain('genai-cancel:');
    expect(wire(emulator)).toEqual(BOTH_CANCELLED);
  });

  test('a second press does nothing here', async () => {
    const { emulator, inTerminal } = await setUp({ faults: [{ kind: 'cancel-lag', ms: 1500, job: 0 }] });
    const script = await inTerminal(fixture('application-listener', 'on', 'before'));
    await inFlight(emulator);
    script.press();
    await script.says(/@heard/);
    setTimeout(() => script.press(), 800);
    expect(await script.ended).toEqual([7, null]);
    expect(script.output.match(/@heard/g)).toHaveLength(2);
    expect(await script.value('rejected')).toEqual(REJECTION);
    expect(wire(emulator)).toEqual(BOTH_CANCELLED);
  });

  test('that leaves at once: the cancel still goes out', async () => {
    const { emulator, inTerminal } = await setUp();
    const script = await inTerminal(fixture('exit-on-signal'));
    await inFlight(emulator);
    script.press();
    expect(await script.ended).toEqual([5, null]);
    expect(wire(emulator)).toMatchObject({ creates: 1, jobs: ['cancelled'] });
  });
});

test('the repeat of a press does not cancel what the application has started since', async () => {
  const { emulator, run } = await setUp();
  const script = run(fixture('repeat'));
  await inFlight(emulator);
  script.child.kill('SIGINT');
  await script.says(/@heard/);
  setTimeout(() => script.child.kill('SIGINT'), 150);
  await script.says(/@heard[^]*@heard/);
  await inFlight(emulator, 2);
  script.child.kill('SIGUSR2');
  expect(await script.value('state')).toBe('running');
  expect(await script.value('trigger')).toBe('cancel');
  expect(await script.ended).toEqual([0, null]);
  expect(wire(emulator)).toEqual(BOTH_CANCELLED);
});

describe('another signal, which the application does not listen to', () => {
  test('kills the process while the first one is still cancelling', async () => {
    const { emulator, run } = await setUp({ faults: [{ kind: 'cancel-lag', ms: 1500 }] });
    const script = run(fixture('repeat'));
    await inFlight(emulator);
    script.child.kill('SIGINT');
    await script.says(/@heard/);
    setTimeout(() => script.child.kill('SIGTERM'), 800);
    expect(await script.ended).toEqual([null, 'SIGTERM']);
    await emulator.waitFor(({ jobs }) => jobs[0]?.endReason === 'cancelled');
    expect(wire(emulator)).toEqual(CANCELLED_ONCE);
  });

  test('kills the process too when it came first, and the one that is listened to follows', async () => {
    const { emulator, run } = await setUp({ faults: [{ kind: 'cancel-lag', ms: 1500 }] });
    const script = run(fixture('repeat'));
    await inFlight(emulator);
    script.child.kill('SIGTERM');
    await script.says(/cancelling 1 job on the server/);
    setTimeout(() => script.child.kill('SIGINT'), 800);
    expect(await script.ended).toEqual([null, 'SIGTERM']);
    expect(script.output.match(/@heard/g)).toHaveLength(1);
    expect(wire(emulator)).toEqual(CANCELLED_ONCE);
  });

  test('cancels what was started since, and kills the process', async () => {
    const { emulator, run } = await setUp();
    const script = run(fixture('repeat'));
    await inFlight(emulator);
    script.child.kill('SIGINT');
    await inFlight(emulator, 2);
    script.child.kill('SIGTERM');
    expect(await script.ended).toEqual([null, 'SIGTERM']);
    expect(wire(emulator)).toEqual(BOTH_CANCELLED);
  });
});

describe('signal-exit, which gives way to others, is no listener of the application', () => {
  test.each(['v4', 'v3'])('%s', async (version) => {
    const { emulator, run } = await setUp();
    const script = run(fixture('signal-exit', version));
    await inFlight(emulator);
    script.child.kill('SIGINT');
    expect(await script.ended).toEqual([null, 'SIGINT']);
    expect(script.output).toContain('@cleaned up');
    expect(wire(emulator)).toEqual(CANCELLED_ONCE);
  });
});
