import { expect, it } from 'vitest';
import type { Fault } from '../../src/testing/index.js';
import { createMachine, LEASE_MS } from '../support/machine.js';
import { crash } from '../support/crash.js';
import { lighthouse, resolution } from '../support/setup.js';
import { noStream } from './support.js';

/** A status that the server tells once, with the name that the job has. */
const told = (status: unknown): Fault => ({
  kind: 'json',
  route: 'get',
  body: { id: 'some-id', object: 'interaction', status },
  times: 1,
});

it.each(['', ' ', '\t', 'x'.repeat(5_000), '\u0000', 'pond\u001b[31mering'])(
  '#59 an answer with the status %j makes a record that can be read again',
  async (status) => {
    const machine = createMachine({ workMs: 10 * LEASE_MS, faults: [noStream, told(status)] });
    await crash(machine, ({ images }) => images.start(lighthouse).on('warning', () => undefined));
    const { operations, unreadable } = await machine.read();
    expect([operations.length, unreadable]).toEqual([1, []]);
    const recovery = await resolution(machine.clock, machine.start().images.recover({ policy: 'cancel' }));
    expect(recovery).toMatchObject({ operations: [{ report: { outcome: 'cancelled' } }], unreadable: [] });
  },
);

it.each(['', ' '])('#59 the create is answered with the status %j: its snapshot is attached to', async (status) => {
  const create: Fault = { kind: 'json', route: 'create', body: { id: 'some-id', status } };
  const machine = createMachine({ faults: [create] });
  const { images } = machine.start();
  const operation = images.start(lighthouse);
  operation.on('warning', () => undefined);
  await resolution(machine.clock, operation.submitted());
  const snapshot: unknown = JSON.parse(JSON.stringify(operation));
  expect(() => images.attach(snapshot as ReturnType<typeof operation.toJSON>)).not.toThrow();
  await resolution(machine.clock, operation.cancel());
});
