import { expect, it } from 'vitest';
import type { Fault } from '../../src/testing/index.js';
import { createMachine, LEASE_MS } from '../support/machine.js';
import { crash } from '../support/crash.js';
import { lighthouse, resolution } from '../support/setup.js';
import { batches, lostBatch, startWith } from './support.js';

const unread: readonly Fault[] = [
  { kind: 'status', route: 'batch-get', status: 500, times: 5 },
  { kind: 'status', route: 'batch-get', status: 403, times: 5 },
  { kind: 'garbage', route: 'batch-get', times: 5 },
  { kind: 'reset', route: 'batch-get', times: 5 },
];

it.each(unread)(
  '#43 a lost batch that was found, whose reads fail ($kind $status), is not created again',
  async (fault) => {
    const { clock, emulator, operation } = startWith([lostBatch, fault], { way: batches });
    expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(1);
    expect(emulator.meter.requestsTo('batch-create')).toHaveLength(1);
    expect(operation.jobs[0]?.name).toBe(emulator.meter.jobs[0]?.name);
  },
);

it.each(unread)(
  '#43 a lost batch that was found, whose reads fail ($kind $status), is cancelled by its name',
  async (fault) => {
    const { clock, emulator, operation } = startWith([lostBatch, fault], { way: batches });
    await resolution(clock, operation.submitted());
    const report = await resolution(clock, operation.cancel());
    const name = emulator.meter.jobs[0]?.name;
    expect(report).toMatchObject({ outcome: 'cancelled', jobs: [{ name, cancelRequests: 1 }] });
    expect(emulator.meter.requestsTo('batch-cancel')).toMatchObject([{ job: name }]);
  },
);

it.each(unread)(
  '#43 a recovered batch that is found, whose reads fail ($kind $status), keeps its name',
  async (fault) => {
    const hang: Fault = { kind: 'hang', route: 'batch-create', when: 'after' };
    const machine = createMachine({ workMs: 10 * LEASE_MS, faults: [hang, fault] });
    await crash(machine, ({ images }) => images.start(lighthouse, { backend: 'batches' }));
    const { operations } = await resolution(machine.clock, machine.start().images.recover({ policy: 'cancel' }));
    const name = machine.emulator.meter.jobs[0]?.name;
    expect(operations).toMatchObject([{ report: { outcome: 'cancelled', jobs: [{ name }] } }]);
    expect(machine.emulator.meter.requestsTo('batch-create')).toHaveLength(1);
  },
);
