import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { leftOut } from '../support/runtime.js';
import { fixture, setUp } from './harness/set-up.js';
import { CANCELLED_ONCE, inFlight, wire } from './harness/wire.js';

const NEW_NAMESPACE = ['unshare', '--pid', '--fork', '--kill-child'];
const canUnshare = spawnSync(NEW_NAMESPACE[0] ?? '', [...NEW_NAMESPACE.slice(1), 'true']).status === 0;
const reason = canUnshare ? undefined : 'They need root, and unshare(1) of util-linux.';
if (reason !== undefined) console.warn(`Left out: the tests as PID 1. ${reason}`);

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)(
  'as PID 1, which ignores a raised signal: %s cancels, then it exits %i',
  leftOut(reason),
  async (signal, code) => {
    const { emulator, run } = await setUp();
    const script = run([...NEW_NAMESPACE, ...fixture('pid-1')]);
    expect(await script.pid()).toBe(1);
    const outerPid = (await script.value('outer pid')) as number;
    await inFlight(emulator);
    process.kill(outerPid, signal);
    expect(await script.ended).toEqual([code, null]);
    expect(wire(emulator)).toEqual(CANCELLED_ONCE);
  },
);

test('as PID 1, what is started meanwhile does not keep it alive', leftOut(reason), async () => {
  const { emulator, run } = await setUp({ faults: [{ kind: 'cancel-lag', ms: 500 }] });
  const script = run([...NEW_NAMESPACE, ...fixture('pid-1', 'start-on-cancelling')]);
  const outerPid = (await script.value('outer pid')) as number;
  await inFlight(emulator);
  process.kill(outerPid, 'SIGTERM');
  expect(await script.ended).toEqual([143, null]);
  expect(wire(emulator)).toEqual(CANCELLED_ONCE);
});
