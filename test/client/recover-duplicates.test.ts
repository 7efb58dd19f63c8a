import { describe, expect, it } from 'vitest';
import type { Operation } from '../../src/index.js';
import type { Fault } from '../../src/testing/index.js';
import { createMachine, type Machine } from '../support/machine.js';
import { lighthouse, resolution } from '../support/setup.js';

describe('a create that has started two batches', () => {
  /** The answer to the create is lost, and a proxy has sent it twice. */
  async function startTwo(machine: Machine): Promise<{ operation: Operation; warnings: string[] }> {
    const operation = machine.start().images.startBatch([{ prompt: 'a' }], { model: lighthouse.model });
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
});
