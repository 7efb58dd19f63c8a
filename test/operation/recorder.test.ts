import { describe, expect, it } from 'vitest';
import type { Fault } from '../../src/testing/index.js';
import type { JournalClaim } from '../../src/index.js';
import { createMachine, LEASE_MS } from '../support/machine.js';
import { lighthouse, QUEUE_MS, rejection, resolution, settle, WORK_MS } from '../support/setup.js';

describe('an operation with a journal', () => {
  it('is written down before its create is sent', async () => {
    const machine = createMachine();
    const { images, journal } = machine.start();
    let createsAtAdd: number | undefined;
    const add = journal.add.bind(journal);
    Object.assign(journal, {
      add: (id: string, text: string) => {
        createsAtAdd = machine.emulator.meter.requests.length;
        expect(JSON.parse(text)).toMatchObject({
          version: 1,
          id,
          jobs: [{ state: 'submitting' }, { state: 'submitting' }],
        });
        return add(id, text);
      },
    });
    await resolution(machine.clock, images.start({ ...lighthouse, config: { numberOfImages: 2 } }).submitted());
    expect(createsAtAdd).toBe(0);
    expect(machine.emulator.meter.requestsTo('create')).toHaveLength(2);
  });

  it('has its names written when they come', async () => {
    const machine = createMachine();
    const { images } = machine.start();
    const operation = images.start({ ...lighthouse, config: { numberOfImages: 3 } }, { tag: 'order 7' });
    await resolution(machine.clock, operation.submitted());
    const { operations } = await machine.read();
    expect(operations).toMatchObject([
      { id: operation.id, isOrphan: false, inDoubt: [], record: { tag: 'order 7', model: lighthouse.model } },
    ]);
    expect(operations[0]?.record.jobs.map(({ name }) => name)).toEqual(
      machine.emulator.meter.jobs.map(({ name }) => name),
    );
  });

  it('is submitted when the journal has its names', async () => {
    const machine = createMachine();
    const { images, journal } = machine.start();
    const write = journal.write.bind(journal);
    Object.assign(journal, {
      write: async (claim: JournalClaim, text: string) => {
        await new Promise<void>((resolve) => machine.clock.setTimeout(resolve, 50));
        return write(claim, text);
      },
    });
    const names = images
      .start(lighthouse)
      .submitted()
      .then(() => [...machine.entries.values()].filter(({ text }) => text.includes('interactions/v1_')).length);
    expect(await resolution(machine.clock, names)).toBe(1);
  });

  it('never holds a prompt or a key', async () => {
    const machine = createMachine();
    const { images } = machine.start();
    await resolution(machine.clock, images.start(lighthouse).submitted());
    await resolution(machine.clock, images.startBatch([{ prompt: 'a boat' }], { model: lighthouse.model }).submitted());
    const texts = [...machine.entries.values()].map(({ text }) => text).join();
    expect(machine.entries.size).toBe(2);
    for (const secret of [lighthouse.prompt, 'a boat', 'a-key']) expect(texts).not.toContain(secret);
  });

  it('is made of no job that is only cancelled by its name: what there is of it is looked for', async () => {
    const machine = createMachine();
    const original = machine.start({ journal: false }).images.start(lighthouse);
    await resolution(machine.clock, original.submitted());
    const { images, journal } = machine.start();
    const asked: string[] = [];
    for (const call of ['add', 'list', 'write', 'claim', 'remove'] as const) {
      Object.assign(journal, { [call]: () => (asked.push(call), Promise.reject(new Error('It was asked.'))) });
    }
    const name = original.jobs[0]?.name ?? '';
    expect(await resolution(machine.clock, images.cancel(name))).toMatchObject({ outcome: 'cancelled' });
    expect(asked).toEqual(['list']);
  });

  it.each(['resolves', 'is cancelled'])('leaves the journal when it %s', async (how) => {
    const machine = createMachine();
    const { images } = machine.start();
    const operation = images.start(lighthouse);
    await resolution(machine.clock, operation.submitted());
    expect(machine.entries.size).toBe(1);
    if (how === 'resolves') await resolution(machine.clock, operation.result());
    else expect(await resolution(machine.clock, operation.cancel())).toMatchObject({ outcome: 'cancelled' });
    await machine.clock.advance(0);
    expect(machine.entries.size).toBe(0);
    expect(machine.clock.pendingTimers).toBe(0);
  });

  it('is in the journal as long as its caller has not got what was made', async () => {
    const machine = createMachine();
    const { images } = machine.start();
    const operation = images.start(lighthouse);
    const sizes: number[] = [];
    operation.on('image', () => sizes.push(machine.entries.size));
    const continuation = operation.result().then(() => sizes.push(machine.entries.size));
    await resolution(machine.clock, continuation);
    expect(sizes).toEqual([1, 1]);
    await machine.clock.advance(0);
    expect(machine.entries.size).toBe(0);
  });

  it('leaves the journal if its request never left the process', async () => {
    const machine = createMachine();
    const refused = Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } });
    Object.assign(machine.emulator, { fetch: () => Promise.reject(refused) });
    const operation = machine.start().images.start(lighthouse);
    expect(await rejection(machine.clock, operation.result())).toMatchObject({ code: 'NOT_SENT' });
    await machine.clock.advance(0);
    expect(machine.entries.size).toBe(0);
  });

  it('is out of the journal before the report of a stop is there: a signal ends the process then', async () => {
    const machine = createMachine();
    const { images } = machine.start();
    const operation = images.start(lighthouse);
    await resolution(machine.clock, operation.submitted());
    const size = await resolution(
      machine.clock,
      operation.cancel().then(() => machine.entries.size),
    );
    expect(size).toBe(0);
  });

  it('sends nothing when it is stopped while it is being written down', async () => {
    const machine = createMachine();
    let added = (): void => undefined;
    const { images, journal } = machine.start();
    const add = journal.add.bind(journal);
    Object.assign(journal, {
      add: async (id: string, text: string) => {
        await new Promise<void>((resolve) => (added = resolve));
        return add(id, text);
      },
    });
    const operation = images.start(lighthouse);
    await machine.clock.settle();
    const cancelling = operation.cancel();
    added();
    expect(await resolution(machine.clock, cancelling)).toMatchObject({ outcome: 'not-started' });
    await machine.clock.advance(0);
    expect(machine.emulator.meter.requests).toHaveLength(0);
    expect(machine.entries.size).toBe(0);
  });

  it('announces each create before it is sent, also those that wait for room', async () => {
    const machine = createMachine();
    const { images, journal } = machine.start();
    const operation = images.start({ ...lighthouse, config: { numberOfImages: 2 } }, { maxConcurrency: 1 });
    await machine.clock.advance(QUEUE_MS);
    const states = async (): Promise<string[] | undefined> =>
      (await machine.read()).operations[0]?.record.jobs.map(({ state }) => state);
    expect((await states())?.[1]).toBe('waiting');
    const sentAs: (string | undefined)[] = [];
    const write = journal.write.bind(journal);
    Object.assign(journal, {
      write: async (claim: JournalClaim, text: string) => {
        const isWritten = await write(claim, text);
        if (machine.emulator.meter.requestsTo('create').length === 1) sentAs.push((await states())?.[1]);
        return isWritten;
      },
    });
    await machine.clock.advanceUntil(() => operation.jobs[1]?.name !== undefined);
    await machine.clock.settle();
    expect(sentAs).toEqual(['submitting']);
    expect((await machine.read()).operations[0]?.record.jobs.every(({ name }) => name !== undefined)).toBe(true);
  });

  it('keeps its lease while it lives', async () => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    const { images } = machine.start();
    const operation = images.start(lighthouse);
    await machine.clock.advance(5 * LEASE_MS);
    expect((await machine.read()).operations).toMatchObject([{ id: operation.id, isOrphan: false }]);
  });

  it('stays in the journal, for anyone to recover, if its end is not confirmed', async () => {
    const machine = createMachine({ faults: [{ kind: 'cancel-ignored' }], workMs: 600_000 });
    const { images } = machine.start();
    const operation = images.start(lighthouse);
    await resolution(machine.clock, operation.submitted());
    expect(await resolution(machine.clock, operation.cancel())).toMatchObject({ outcome: 'unconfirmed' });
    const [left] = (await machine.read()).operations;
    expect(left).toMatchObject({ isOrphan: true, record: { jobs: [{ name: operation.jobs[0]?.name }] } });
  });

  it('stays in the journal as in doubt if the answer to its create was lost', async () => {
    const machine = createMachine({ faults: [{ kind: 'reset', route: 'create', when: 'after' }] });
    const { images } = machine.start();
    const operation = images.start(lighthouse);
    expect(await rejection(machine.clock, operation.result())).toMatchObject({ code: 'RESPONSE_LOST' });
    await machine.clock.advance(0);
    const [left] = (await machine.read()).operations;
    expect(left).toMatchObject({ isOrphan: true, inDoubt: [{ backend: 'interactions' }] });
    expect(await images.forget(operation.id)).toBe(true);
    expect(machine.entries.size).toBe(0);
    expect(await images.forget(operation.id)).toBe(false);
  });

  it('writes a name down that arrives after the report, and takes it out when its cancel is confirmed', async () => {
    const machine = createMachine({
      faults: [
        { kind: 'delay', route: 'create', ms: 20_000 },
        { kind: 'cancel-lag', ms: 1_000 },
      ],
      workMs: 600_000,
    });
    const { images } = machine.start();
    const operation = images.start(lighthouse);
    operation.on('warning', () => undefined);
    await machine.clock.advance(100);
    expect(await resolution(machine.clock, operation.cancel())).toMatchObject({ outcome: 'unconfirmed' });
    expect((await machine.read()).operations).toMatchObject([{ isOrphan: false, inDoubt: [{}] }]);
    await machine.clock.advance(12_000);
    const [late] = (await machine.read()).operations;
    expect(late?.record.jobs[0]?.name).toBe(machine.emulator.meter.jobs[0]?.name);
    await machine.clock.advance(10_000);
    expect(machine.emulator.meter.jobs[0]?.endReason).toBe('cancelled');
    expect(machine.entries.size).toBe(0);
  });

  it('is given up when another process has claimed it, and cancels nothing', async () => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    const first = machine.start();
    const operation = first.images.start({ ...lighthouse, config: { numberOfImages: 2 } });
    await resolution(machine.clock, operation.submitted());
    const thaw = first.freeze();
    await machine.clock.advance(LEASE_MS);
    const second = machine.start();
    const recovery = await resolution(machine.clock, second.images.recover({ policy: 'attach' }));
    expect(recovery.operations).toHaveLength(1);
    thaw();
    const error = await rejection(machine.clock, operation.result());
    expect(error).toMatchObject({ name: 'MayBeRunningError', code: 'TAKEN_OVER' });
    expect((error as Error).message).toContain('Another process has taken the operation over');
    expect((error as { jobs: unknown[] }).jobs).toHaveLength(2);
    expect(machine.emulator.meter.requestsTo('cancel')).toHaveLength(0);
    expect(machine.entries.size).toBe(1);
  });

  it('is cancelled all the same, if that was asked for before it was known that another process has it', async () => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    const first = machine.start();
    const operation = first.images.start(lighthouse);
    await resolution(machine.clock, operation.submitted());
    const thaw = first.freeze();
    await machine.clock.advance(LEASE_MS);
    await resolution(machine.clock, machine.start().images.recover({ policy: 'attach' }));
    const report = operation.cancel();
    thaw();
    expect(await resolution(machine.clock, report)).toMatchObject({ outcome: 'cancelled' });
    expect(machine.emulator.meter.jobs).toMatchObject([{ endReason: 'cancelled' }]);
  });

  it('does not deliver what another process may have got, after a sleep longer than the lease', async () => {
    const machine = createMachine({ workMs: WORK_MS });
    const first = machine.start();
    const operation = first.images.start(lighthouse);
    const delivered: string[] = [];
    operation.on('image', () => delivered.push('first'));
    // Its stream is open, and what it says lies ready when the process wakes up; the journal is slower.
    await machine.clock.advance(500);
    const renew = first.journal.renew.bind(first.journal);
    Object.assign(first.journal, {
      renew: async (claim: JournalClaim) => {
        await new Promise<void>((resolve) => machine.clock.setTimeout(resolve, 100));
        return renew(claim);
      },
    });
    const thaw = first.freeze();
    await machine.clock.advance(LEASE_MS);
    const second = machine.start();
    const { operations } = await resolution(machine.clock, second.images.recover({ policy: 'attach' }));
    operations[0]?.operation.on('image', () => delivered.push('second'));
    await settle(machine.clock, Promise.resolve(operations[0]?.operation.result()));
    thaw();
    expect(await rejection(machine.clock, operation.result())).toMatchObject({ code: 'TAKEN_OVER' });
    await machine.clock.advance(0);
    expect(delivered).not.toContain('first');
    expect(machine.entries.size).toBe(0);
  });

  it('that is detached says so in the journal', async () => {
    const machine = createMachine();
    const { images } = machine.start();
    const operation = images.start(lighthouse);
    await resolution(machine.clock, operation.submitted());
    operation.detach();
    await machine.clock.settle();
    expect((await machine.read()).operations[0]?.record.detachedAt).toBe(machine.clock.now());
  });

  it('close() waits until the journal knows', async () => {
    const machine = createMachine();
    const { images } = machine.start();
    await resolution(machine.clock, images.generateImages(lighthouse));
    expect(machine.entries.size).toBe(1);
    await resolution(machine.clock, images.close());
    expect(machine.entries.size).toBe(0);
  });

  it('is let go of with what is in doubt, once nothing of it is under way', async () => {
    const faults: Fault[] = [
      { kind: 'background-refused', route: 'create', times: 1 },
      { kind: 'reset', route: 'create', when: 'after', skip: 1 },
    ];
    const machine = createMachine({ faults });
    const { images } = machine.start();
    const operation = images.start({ ...lighthouse, config: { numberOfImages: 2 } });
    operation.on('warning', () => undefined);
    await resolution(machine.clock, operation.result());
    expect(operation.jobs.map(({ backend, state }) => [backend, state])).toEqual([
      ['models', 'succeeded'],
      ['interactions', 'unknown'],
    ]);
    await machine.clock.advance(0);
    expect((await machine.read()).operations).toMatchObject([{ isOrphan: true, inDoubt: [{ index: 1 }] }]);
    expect(machine.clock.pendingTimers).toBe(0);
  });

  it('records requests that cannot be cancelled, as in doubt while they are out', async () => {
    const machine = createMachine();
    const { images } = machine.start();
    const operation = images.start(lighthouse, { backend: 'models' });
    operation.on('warning', () => undefined);
    await machine.clock.advance(100);
    expect((await machine.read()).operations).toMatchObject([{ inDoubt: [{ backend: 'models' }] }]);
    await resolution(machine.clock, operation.result());
    await machine.clock.advance(0);
    expect(machine.entries.size).toBe(0);
  });
});
