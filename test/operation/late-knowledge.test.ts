import { GoogleGenAI } from '@google/genai';
import { describe, expect, it } from 'vitest';
import { cancelable, memoryJournal, type Journal, type OperationSnapshot } from '../../src/index.js';
import type { Fault } from '../../src/testing/index.js';
import { createMachine, LEASE_MS } from '../support/machine.js';
import { lighthouse, resolution, setup } from '../support/setup.js';

describe('a refusal that comes after the wait for the create', () => {
  it('says that nothing was started', async () => {
    const faults: Fault[] = [{ kind: 'status', route: 'batch-create', status: 404, times: 1 }];
    const { clock, emulator } = setup({ emulator: { faults } });
    const fetch: typeof globalThis.fetch = async (url, init) => {
      const response = await emulator.fetch(url, init);
      if (response.status === 404) await new Promise((resolve) => clock.setTimeout(() => resolve(undefined), 5_000));
      return response;
    };
    const images = cancelable(new GoogleGenAI({ apiKey: 'a-key', httpOptions: { fetch } }), { clock });
    const operation = images.start(lighthouse, { backend: 'batches' });
    await clock.advance(100);
    // After a cancel the list is read while the create is still unanswered.
    const report = await resolution(clock, operation.cancel());
    expect(report).toMatchObject({ outcome: 'not-started', leftovers: [], counts: { notSent: 1, running: 0 } });
    expect(emulator.meter.requestsTo('batch-list').length).toBeGreaterThan(0);
    expect(emulator.meter.jobs).toEqual([]);
  });
});

describe('the record of a job that is attached to by its name', () => {
  it('keeps its place among the images of the operation', async () => {
    const machine = createMachine({ workMs: 60_000 });
    const first = machine.start({ journal: false });
    const operation = first.images.start({ ...lighthouse, config: { numberOfImages: 2 } });
    await machine.clock.advance(1_000);
    const snapshot = JSON.parse(JSON.stringify(operation)) as OperationSnapshot;
    const jobs = snapshot.jobs.filter(({ index }) => index === 1);
    const second = machine.start();
    const { journal } = second;
    await journal.release(await journal.add(snapshot.id, JSON.stringify({ ...snapshot, jobs, writtenAt: 1 })));
    second.images.attach(jobs[0]?.name ?? '');
    await machine.clock.advance(20_000);
    const { operations } = await machine.read();
    expect(operations).toMatchObject([{ id: snapshot.id, isOrphan: false, record: { jobs: [{ index: 1 }] } }]);
  });
});

it('a job that is found after the end of its operation elsewhere makes no record of it again', async () => {
  const lost: Fault = { kind: 'status', route: 'batch-create', status: 502, when: 'after', times: 1 };
  const machine = createMachine({ faults: [lost, { kind: 'list-lag', ms: 10_000 }], workMs: 1_000, batchQueueMs: 0 });
  const startedAt = machine.clock.now();
  const operation = machine.start().images.start(lighthouse, { backend: 'batches' });
  operation.on('warning', () => undefined);
  const delivered = operation.result();
  await machine.clock.advance(1_200);
  const attached = machine.start().images.attach(operation.toJSON());
  attached.on('warning', () => undefined);
  await machine.clock.advance(2_000);
  expect(await resolution(machine.clock, attached.cancel())).toMatchObject({ outcome: 'unconfirmed' });
  await machine.clock.advance(15_100 - (machine.clock.now() - startedAt));
  expect((await delivered).generatedImages).toHaveLength(1);
  expect(machine.entries.size).toBe(0);
  await machine.clock.advance(60_000);
  expect(machine.emulator.meter.requestsTo('batch-cancel')).toHaveLength(1);
  expect(machine.entries.size).toBe(0);
});

describe('an image that comes when nobody can ask for it any more', () => {
  it('leaves the record to others, although the process lives on', async () => {
    const machine = createMachine({ workMs: 12_000, whileRunning: { cancels: 'forbidden' } });
    const store = memoryJournal({ clock: machine.clock, entries: machine.entries, leaseMs: LEASE_MS });
    // The image is made while the end is being written.
    const write: Journal['write'] = async (...given) => {
      await new Promise((resolve) => machine.clock.setTimeout(() => resolve(undefined), 9_000));
      return store.write(...given);
    };
    const first = machine.start({ journal: { ...store, write } });
    const operation = first.images.start(lighthouse);
    operation.on('warning', () => undefined);
    await machine.clock.advance(1_000);
    await resolution(machine.clock, operation.cancel());
    await machine.clock.advance(300_000);
    const { operations } = await machine.read();
    expect(operations).toMatchObject([{ isOrphan: true, record: { jobs: [{ name: operation.jobs[0]?.name }] } }]);
    const recovery = await resolution(machine.clock, machine.start().images.recover());
    const recovered = recovery.operations[0]?.operation;
    expect(await resolution(machine.clock, recovered?.result() ?? Promise.reject(new Error('none')))).toHaveProperty(
      'generatedImages.0.image',
    );
  });
});
