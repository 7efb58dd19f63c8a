import { expect, it } from 'vitest';
import type { Fault } from '../../src/testing/index.js';
import { createMachine, type Machine } from '../support/machine.js';
import { crash } from '../support/crash.js';
import { lighthouse, resolution } from '../support/setup.js';

const HOUR = 3_600_000;

/** A batch in doubt whose process has died long ago. */
async function inDoubtFor(hours: number): Promise<Machine> {
  const hang: Fault = { kind: 'hang', route: 'batch-create', when: 'after' };
  const machine = createMachine({ workMs: 60 * HOUR, faults: [hang] });
  await crash(machine, ({ images }) => images.start(lighthouse, { backend: 'batches' }));
  await machine.clock.advance(hours * HOUR);
  return machine;
}

/** Recovers in a process of its own, and waits until that has looked. */
async function recover(machine: Machine): Promise<unknown> {
  const process = machine.start({ limits: { watchMs: 60_000 } });
  const recovery = await resolution(machine.clock, process.images.recover({ policy: 'cancel' }));
  // The process lives long enough to write down what it has found.
  await machine.clock.advance(5_000);
  process.kill();
  await machine.clock.advance(60_000);
  return recovery.operations[0]?.report?.outcome ?? recovery.skipped[0]?.reason;
}

it.each<Fault>([
  { kind: 'status', route: 'batch-list', status: 500 },
  { kind: 'status', route: 'batch-list', status: 403 },
  { kind: 'garbage', route: 'batch-list' },
])('#46 a batch in doubt for 2 hours: looks that failed ($kind $status) do not count', async (fault) => {
  const machine = await inDoubtFor(2);
  const repair = machine.emulator.addFault(fault);
  for (const look of [1, 2]) expect([look, await recover(machine)]).toEqual([look, 'unconfirmed']);
  repair();
  expect(await recover(machine)).toBe('cancelled');
  expect(machine.emulator.meter.running()).toEqual([]);
  expect(machine.emulator.meter.requestsTo('batch-create')).toHaveLength(1);
});

it.each([47, 49])('#46 a batch in doubt is looked for until 48 hours have passed: after %i', async (hours) => {
  const machine = await inDoubtFor(hours);
  expect(await recover(machine)).toBe(hours < 48 ? 'cancelled' : 'expired');
});
