import { describe, expect, it } from 'vitest';
import { createMachine, LEASE_MS } from '../support/machine.js';
import { lighthouse, rejection, resolution } from '../support/setup.js';
import { crash, two } from '../support/crash.js';

describe('a job that is cancelled by its name', () => {
  it('leaves the journal if nobody owns its record', async () => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    await crash(machine, ({ images }) => images.start(two));
    const [first = '', second = ''] = machine.emulator.meter.jobs.map(({ name }) => name ?? '');
    const { images } = machine.start();
    await resolution(machine.clock, images.cancel(first));
    const [left] = (await machine.read()).operations;
    expect(left).toMatchObject({
      isOrphan: true,
      record: { jobs: [{ name: first, state: 'cancelled' }, { name: second }] },
    });
    await resolution(machine.clock, images.cancel(second));
    expect(machine.entries.size).toBe(0);
  });

  it('is left to its owner if that lives, who hears of it', async () => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    const owner = machine.start();
    const operation = owner.images.start(lighthouse);
    await resolution(machine.clock, operation.submitted());
    const report = await resolution(machine.clock, machine.start().images.cancel(operation.jobs[0]?.name ?? ''));
    expect(report.outcome).toBe('cancelled');
    await rejection(machine.clock, operation.result());
    await machine.clock.advance(0);
    // Somebody else cancelled it: the operation has failed, and its job was cancelled.
    expect([operation.state, operation.jobs[0]?.state]).toEqual(['failed', 'cancelled']);
    expect(machine.entries.size).toBe(0);
  });
});

describe('attach() with a journal', () => {
  it('takes the record over if its process is gone', async () => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    let snapshot;
    await crash(machine, ({ images }) => {
      const operation = images.start(lighthouse, { tag: 'order 7' });
      operation.on('submitted', () => (snapshot = operation.toJSON()));
    });
    const { images } = machine.start();
    const operation = images.attach(snapshot as never);
    await machine.clock.advance(2 * LEASE_MS);
    expect((await machine.read()).operations).toMatchObject([
      { id: operation.id, isOrphan: false, record: { tag: 'order 7' } },
    ]);
    await resolution(machine.clock, operation.cancel());
    expect(machine.entries.size).toBe(0);
  });

  it('takes it over by the name of its only job, too', async () => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    await crash(machine, ({ images }) => images.start(lighthouse, { tag: 'order 7' }));
    const operation = machine.start().images.attach(machine.emulator.meter.jobs[0]?.name ?? '');
    await machine.clock.advance(2 * LEASE_MS);
    expect((await machine.read()).operations).toMatchObject([
      { isOrphan: false, record: { tag: 'order 7', model: lighthouse.model } },
    ]);
    await resolution(machine.clock, operation.cancel());
    expect(machine.entries.size).toBe(0);
  });

  it('takes it over as soon as its owner can be seen to be dead', async () => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    const owner = machine.start();
    const original = owner.images.start(lighthouse);
    await resolution(machine.clock, original.submitted());
    owner.kill();
    const next = machine.start();
    const operation = next.images.attach(original.toJSON());
    await machine.clock.advance(100);
    await machine.clock.advance(1.5 * LEASE_MS);
    const rival = machine.start();
    expect((await resolution(machine.clock, rival.images.recover({ policy: 'cancel' }))).operations).toEqual([]);
    next.kill();
    await machine.clock.advance(LEASE_MS);
    const { operations } = await resolution(machine.clock, rival.images.recover({ policy: 'cancel' }));
    expect(operations.map(({ id }) => id)).toEqual([operation.id]);
  });

  it('takes it out of the journal after the end, once its owner can be seen to be dead', async () => {
    const machine = createMachine({ workMs: 1_000 });
    const owner = machine.start();
    const original = owner.images.start(lighthouse);
    await resolution(machine.clock, original.submitted());
    owner.kill();
    await resolution(machine.clock, machine.start().images.attach(original.toJSON()).result());
    expect(machine.entries.size).toBe(1);
    await machine.clock.advance(1.5 * LEASE_MS);
    expect(machine.entries.size).toBe(0);
    await machine.clock.advance(10 * LEASE_MS);
    expect(machine.clock.pendingTimers).toBe(0);
  });

  it('leaves it to its owner if that lives', async () => {
    const machine = createMachine({ workMs: 2_000 });
    const original = machine.start().images.start(lighthouse);
    await resolution(machine.clock, original.submitted());
    const operation = machine.start().images.attach(original.toJSON());
    const images = await resolution(machine.clock, Promise.all([operation.result(), original.result()]));
    expect(images[0]).toEqual(images[1]);
    await machine.clock.advance(0);
    expect(machine.entries.size).toBe(0);
  });

  it('to one of several jobs leaves the record alone, whether its process lives or not', async () => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    const owner = machine.start();
    const original = owner.images.start(two);
    await resolution(machine.clock, original.submitted());
    const name = original.jobs[1]?.name ?? '';
    machine.start().images.attach(name);
    await machine.clock.advance(100);
    expect((await machine.read()).operations).toMatchObject([{ id: original.id, isOrphan: false }]);
    owner.kill();
    await machine.clock.advance(LEASE_MS);
    const late = machine.start().images.attach(name);
    await machine.clock.advance(100);
    const operations = (await machine.read()).operations;
    expect(operations.map(({ id, isOrphan }) => ({ id, isOrphan }))).toEqual([
      { id: original.id, isOrphan: true },
      { id: late.id, isOrphan: false },
    ]);
  });

  it('by a snapshot that is older than what its record tells leaves the record to recover()', async () => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    let snapshot;
    await crash(machine, ({ images }) => (snapshot = images.start(two).toJSON()));
    const attached = machine.start().images.attach(snapshot as never);
    expect(await rejection(machine.clock, attached.result())).toMatchObject({ code: 'RESPONSE_LOST' });
    await machine.clock.advance(LEASE_MS);
    expect(machine.emulator.meter.running()).toHaveLength(2);
    const { operations } = await resolution(machine.clock, machine.start().images.recover({ policy: 'cancel' }));
    expect(operations).toMatchObject([{ id: attached.id, report: { outcome: 'cancelled' } }]);
    expect(machine.emulator.meter.running()).toHaveLength(0);
  });

  it('writes down what no journal knew of', async () => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    const original = machine.start({ journal: false }).images.start(lighthouse, { journal: false });
    await resolution(machine.clock, original.submitted());
    await crash(machine, ({ images }) => images.attach(original.toJSON()));
    const { operations } = await resolution(machine.clock, machine.start().images.recover({ policy: 'attach' }));
    expect(operations).toMatchObject([{ id: original.id }]);
  });
});
