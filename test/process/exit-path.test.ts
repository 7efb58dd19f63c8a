import { describe, expect, test } from 'vitest';
import { leftOutFor } from './harness/script-command.js';
import { fixture, setUp } from './harness/set-up.js';
import { CANCELLED_ONCE, clientsGone, inFlight, LEFT_RUNNING, wire } from './harness/wire.js';

const WAYS = [
  ['exit', 3],
  ['throw', 1],
  ['reject', 1],
] as const;

describe.each(WAYS)('%s with an operation in flight', (way, code) => {
  const untold = way === 'exit' ? {} : leftOutFor({ Deno: 'It ends by an uncaught error without an `exit` event.' });

  test(`exits ${code}, and the job is cancelled on the server`, untold, async () => {
    const { emulator, run } = await setUp();
    const script = run(fixture('exit', way, 'on signal'));
    await inFlight(emulator);
    script.child.kill('SIGUSR2');
    expect(await script.ended).toEqual([code, null]);
    expect(wire(emulator)).toEqual(CANCELLED_ONCE);
  });

  test('as soon as it is known to be accepted', untold, async () => {
    const { emulator, run } = await setUp();
    const script = run(fixture('exit', way, 'at once'));
    expect(await script.ended).toEqual([code, null]);
    expect(wire(emulator)).toEqual(CANCELLED_ONCE);
  });

  test('in the very turn in which it is known to be accepted', untold, async () => {
    const { emulator, run } = await setUp();
    const script = run(fixture('exit', way, 'same turn'));
    expect(await script.ended).toEqual([code, null]);
    expect(wire(emulator)).toEqual(CANCELLED_ONCE);
  });

  // Trap #32 of docs/traps.md.
  test('a server that hangs does not hold it, nor change the exit code', untold, async () => {
    const { emulator, run } = await setUp({ faults: [{ kind: 'hang', route: 'cancel' }] });
    const script = run(fixture('exit', way, 'on signal'), { options: { limits: { exitMs: 300 } } });
    await inFlight(emulator);
    script.child.kill('SIGUSR2');
    expect(await script.ended).toEqual([code, null]);
    expect(wire(emulator)).toMatchObject({ creates: 1, jobs: ['running'] });
    expect(script.output).toContain(`npx --no genai-cancel cancel ${String(emulator.meter.jobs[0]?.name)}`);
  });

  test('`limits.exitMs: 0` turns it off', async () => {
    const { emulator, run } = await setUp();
    const script = run(fixture('exit', way, 'on signal'), { options: { limits: { exitMs: 0 } } });
    await inFlight(emulator);
    script.child.kill('SIGUSR2');
    expect(await script.ended).toEqual([code, null]);
    await clientsGone(emulator);
    expect(wire(emulator)).toEqual(LEFT_RUNNING);
  });
});

const held = 'An open fetch keeps the process alive there, and nothing can be done about that.';
const neverWaiting = leftOutFor({ Bun: held, Deno: held });

// Trap #10 of docs/traps.md.
test('a script that starts and never waits ends by itself, and its job is cancelled', neverWaiting, async () => {
  const { emulator, run } = await setUp();
  const script = run(fixture('drop'));
  expect(await script.ended).toEqual([0, null]);
  expect(wire(emulator)).toEqual(CANCELLED_ONCE);
});

// Trap #39 of docs/traps.md.
test('a script that starts, detaches and never waits ends by itself, and its job runs on', neverWaiting, async () => {
  const { emulator, run } = await setUp();
  const script = run(fixture('drop', 'detached'));
  expect(await script.ended).toEqual([0, null]);
  await clientsGone(emulator);
  expect(wire(emulator)).toEqual(LEFT_RUNNING);
});

test('a cancel that is refused for a moment is sent again', async () => {
  const { emulator, run } = await setUp({ faults: [{ kind: 'status', status: 503, route: 'cancel', times: 2 }] });
  const script = run(fixture('exit', 'exit', 'on signal'));
  await inFlight(emulator);
  script.child.kill('SIGUSR2');
  expect(await script.ended).toEqual([3, null]);
  expect(wire(emulator)).toEqual({ creates: 1, cancels: 3, jobs: ['cancelled'] });
});
