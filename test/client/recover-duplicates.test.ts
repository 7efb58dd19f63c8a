import { describe, expect, it } from 'vitest';
import type { Operation } from '../../src/index.js';
import type { Fault } from '../../src/testing/index.js';
import { parseRecord, recordText } from '../../src/journal/record.js';
import { createMachine, LEASE_MS, type Machine, type TestProcess } from '../support/machine.js';
import { lighthouse, resolution } from '../support/setup.js';

describe('a create that has started two batches', () => {
  /** The answer to the create is lost, and a proxy has sent it twice. */
  async function startTwo(
    machine: Machine,
    process = machine.start(),
  ): Promise<{ operation: Operation; warnings: string[] }> {
    const operation = process.images.startBatch([{ prompt: 'a' }], { model: lighthouse.model });
    const warnings: string[] = [];
    operation.on('warning', ({ code }) => warnings.push(code));
    await machine.clock.advance(10);
    const [{ path, body } = { path: '', body: {} }] = machine.emulator.meter.requestsTo('batch-create');
    await machine.emulator.fetch(`https://generativelanguage.googleapis.com${path}`, {
      method: 'POST',
      headers: { 'x-goog-api-key': 'a-key', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(machine.emulator.meter.jobs).toHaveLength(2);
    await resolution(machine.clock, operation.submitted());
    return { operation, warnings };
  }

  const lost: Fault[] = [
    { kind: 'reset', route: 'batch-create', when: 'after', times: 1 },
    { kind: 'list-lag', ms: 500 },
  ];
  const namesIn = async (machine: Machine): Promise<(string | undefined)[]> =>
    (await machine.read()).operations.flatMap(({ record }) => record.jobs.map(({ name }) => name));

  it('has both names in the journal until the duplicate is confirmed to be cancelled', async () => {
    const machine = createMachine({ faults: [...lost, { kind: 'cancel-lag', ms: 1_000 }], workMs: 600_000 });
    const { operation, warnings } = await startTwo(machine);
    const [first, second] = machine.emulator.meter.jobs;
    await machine.clock.settle();
    expect(operation.jobs[0]?.name).toBe(first?.name);
    expect(await namesIn(machine)).toEqual([first?.name, second?.name]);
    await machine.clock.advance(5_000);
    expect(second?.endReason).toBe('cancelled');
    expect(warnings).toEqual(['duplicate-job']);
    expect(await resolution(machine.clock, operation.cancel())).toMatchObject({ outcome: 'cancelled' });
    await machine.clock.advance(0);
    expect(machine.entries.size).toBe(0);
  });

  it('leaves a duplicate whose cancel is not confirmed to the next process', async () => {
    const machine = createMachine({ faults: lost, workMs: 600_000 });
    machine.emulator.addFault({ kind: 'status', route: 'batch-cancel', status: 500, job: 1 });
    const { operation, warnings } = await startTwo(machine);
    await machine.clock.advance(60_000);
    expect(warnings).toEqual(['duplicate-job']);
    await resolution(machine.clock, operation.cancel());
    await machine.clock.advance(0);
    const [, duplicate] = machine.emulator.meter.jobs;
    expect(machine.emulator.meter.running()).toEqual([duplicate]);
    expect(await machine.read()).toMatchObject({ operations: [{ isOrphan: true }] });
    expect(await namesIn(machine)).toEqual([duplicate?.name]);
  });

  describe('and whose process has died', () => {
    /** The record names both. The cancel of the second one was not confirmed. */
    async function killed(): Promise<{ machine: Machine; second: TestProcess; names: (string | undefined)[] }> {
      const machine = createMachine({ faults: lost, workMs: 100_000 });
      machine.emulator.addFault({ kind: 'status', route: 'batch-cancel', status: 500, job: 1, times: 1 });
      const first = machine.start();
      await startTwo(machine, first);
      await machine.clock.settle();
      first.kill();
      expect(await namesIn(machine)).toHaveLength(2);
      await machine.clock.advance(LEASE_MS);
      return { machine, second: machine.start(), names: await namesIn(machine) };
    }

    it('is recovered as one job; the duplicate is cancelled, and in the record until that is confirmed', async () => {
      const { machine, second, names } = await killed();
      machine.emulator.addFault({ kind: 'cancel-lag', ms: 1_000 });
      const { operations } = await second.images.recover();
      const [{ operation } = expect.fail()] = operations;
      const warnings: string[] = [];
      operation.on('warning', ({ code }) => warnings.push(code));
      await machine.clock.settle();
      expect(operation.jobs.map(({ name }) => name)).toEqual([names[0]]);
      expect(await namesIn(machine)).toEqual(names);
      await machine.clock.advance(5_000);
      expect(machine.emulator.meter.jobs.map(({ endReason }) => endReason)).toEqual([undefined, 'cancelled']);
      expect(warnings).toEqual(['duplicate-job']);
      expect((await resolution(machine.clock, operation.result())).generatedImages).toHaveLength(1);
      await machine.clock.advance(0);
      expect(machine.entries.size).toBe(0);
    });

    it('is cancelled with the duplicate by the policy `cancel`', async () => {
      const { machine, second } = await killed();
      const { operations } = await resolution(machine.clock, second.images.recover({ policy: 'cancel' }));
      expect(operations).toMatchObject([{ report: { outcome: 'cancelled', leftovers: [] } }]);
      expect(machine.emulator.meter.jobs.map(({ endReason }) => endReason)).toEqual(['cancelled', 'cancelled']);
      await machine.clock.advance(0);
      expect(machine.entries.size).toBe(0);
    });

    it('keeps the duplicate in the record while it looks for the name of the other', async () => {
      const { machine, second, names } = await killed();
      for (const [key, entry] of machine.entries)
        machine.entries.set(key, { ...entry, text: withoutFirstName(entry.text) });
      machine.emulator.addFault({ kind: 'status', route: 'batch-list', status: 503, times: 3 });
      const { operations } = await second.images.recover();
      await machine.clock.advance(1_000);
      expect(operations[0]?.operation.jobs).toMatchObject([{ state: 'submitting' }]);
      expect(await namesIn(machine)).toContain(names[1]);
      await machine.clock.advance(10_000);
      expect(operations[0]?.operation.jobs).toMatchObject([{ name: names[0] }]);
      expect(machine.emulator.meter.jobs.map(({ endReason }) => endReason)).toEqual([undefined, 'cancelled']);
    });
  });
});

/** As the record is if its process dies when it has just found out. */
function withoutFirstName(text: string): string {
  const record = parseRecord(text);
  const [{ name, ...first } = expect.fail(), ...others] = record.jobs;
  return recordText({ ...record, jobs: [{ ...first, state: 'submitting' }, ...others] });
}
