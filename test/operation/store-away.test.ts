import { describe, expect, it } from 'vitest';
import { NotStartedError, type Journal, type JournalClaim } from '../../src/index.js';
import { createMachine, LEASE_MS } from '../support/machine.js';
import { lighthouse, rejection, resolution } from '../support/setup.js';

describe('a journal that fails', () => {
  it('before the create: nothing is sent', async () => {
    const machine = createMachine();
    const { images } = machine.start({ journal: failing('add') });
    const error = await rejection(
      machine.clock,
      images.generateImages({ ...lighthouse, config: { numberOfImages: 2 } }),
    );
    expect(error).toBeInstanceOf(NotStartedError);
    expect(error).toMatchObject({ code: 'JOURNAL_FAILED', cause: { message: 'The disk is full.' }, jobs: [{}, {}] });
    expect(machine.emulator.meter.requests).toHaveLength(0);
    expect(machine.clock.pendingTimers).toBe(0);
  });

  it('by not answering before the create: nothing is sent', async () => {
    const machine = createMachine();
    const journal = { ...failing(), add: () => new Promise<never>(() => undefined) };
    const { images } = machine.start({ journal });
    const error = await rejection(machine.clock, images.generateImages(lighthouse));
    expect(error).toMatchObject({ code: 'JOURNAL_FAILED' });
    expect(machine.emulator.meter.requests).toHaveLength(0);
  });

  it('is warned of once if it fails after the create, and the operation goes on', async () => {
    const machine = createMachine();
    const { images } = machine.start({ journal: failing('write', 'renew', 'remove') });
    const operation = images.start(lighthouse);
    const warnings: string[] = [];
    operation.on('warning', ({ code, message }) => warnings.push(`${code}: ${message}`));
    expect((await resolution(machine.clock, operation.result())).generatedImages).toHaveLength(1);
    await machine.clock.advance(60_000);
    expect(warnings).toEqual([
      'journal-failed: The operation goes on without its journal, which failed: The disk is full.',
    ]);
  });
});

describe('a journal that is away for a while', () => {
  /** Lets one method fail until the returned function is called. */
  const interrupt = (journal: Journal, method: 'add' | 'write'): (() => void) => {
    const real = journal[method].bind(journal);
    Object.assign(journal, { [method]: () => Promise.reject(new Error('It is away.')) });
    return () => Object.assign(journal, { [method]: real });
  };

  it('has the names written again, and warns once', async () => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    const { images, journal } = machine.start();
    const heal = interrupt(journal, 'write');
    const operation = images.start(lighthouse);
    const warnings: string[] = [];
    operation.on('warning', ({ code }) => warnings.push(code));
    await resolution(machine.clock, operation.submitted());
    await machine.clock.advance(LEASE_MS / 2);
    expect((await machine.read()).operations).toMatchObject([{ inDoubt: [{}], isOrphan: false }]);
    heal();
    await machine.clock.advance(LEASE_MS / 2);
    const [{ record, inDoubt } = {}] = (await machine.read()).operations;
    expect(inDoubt).toEqual([]);
    expect(record?.jobs).toMatchObject([{ name: machine.emulator.meter.jobs[0]?.name }]);
    expect(warnings).toEqual(['journal-failed']);
    await resolution(machine.clock, operation.cancel());
    expect(machine.entries.size).toBe(0);
  });

  it('is renewed instead of written once a write has succeeded', async () => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    const { images, journal } = machine.start();
    const heal = interrupt(journal, 'write');
    const operation = images.start(lighthouse);
    operation.on('warning', () => undefined);
    await resolution(machine.clock, operation.submitted());
    heal();
    const calls: string[] = [];
    for (const method of ['write', 'renew'] as const) {
      const real = journal[method].bind(journal) as (...args: unknown[]) => Promise<boolean>;
      Object.assign(journal, { [method]: (...args: unknown[]) => (calls.push(method), real(...args)) });
    }
    await machine.clock.advance(LEASE_MS);
    expect(calls).toEqual(['write', 'renew', 'renew']);
    await resolution(machine.clock, operation.cancel());
  });

  it('does not say that a create is on its way which was not sent', async () => {
    const machine = createMachine({ workMs: 2 * LEASE_MS });
    const { images, journal } = machine.start();
    const operation = images.start({ ...lighthouse, config: { numberOfImages: 2 } }, { maxConcurrency: 1 });
    operation.on('warning', () => undefined);
    await resolution(machine.clock, operation.submitted());
    const write = journal.write.bind(journal);
    Object.assign(journal, {
      // It writes, and its answer is lost.
      write: async (...args: Parameters<Journal['write']>) => {
        await write(...args);
        Object.assign(journal, { write });
        throw new Error('It is away.');
      },
    });
    await machine.clock.advanceUntil(() => operation.jobs[1]?.state === 'not-started');
    expect(machine.emulator.meter.requestsTo('create')).toHaveLength(1);
    expect((await resolution(machine.clock, operation.result())).generatedImages).toHaveLength(1);
    expect(operation.jobs[1]?.error).toMatchObject({ code: 'JOURNAL_FAILED' });
    await machine.clock.advance(0);
    expect(machine.entries.size).toBe(0);
  });

  it('gets the record of an attached operation when it is back', async () => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    const original = machine.start({ journal: false }).images.start(lighthouse);
    await resolution(machine.clock, original.submitted());
    const { images, journal } = machine.start();
    const heal = interrupt(journal, 'add');
    const attached = images.attach(original.toJSON());
    const warnings: string[] = [];
    attached.on('warning', ({ code }) => warnings.push(code));
    await machine.clock.advance(LEASE_MS / 2);
    expect(machine.entries.size).toBe(0);
    heal();
    await machine.clock.advance(LEASE_MS / 2);
    expect((await machine.read()).operations).toMatchObject([{ id: original.id, isOrphan: false, inDoubt: [] }]);
    expect(warnings).toEqual(['journal-failed']);
  });
});

describe('a journal that is away at the end', () => {
  it('is told when it is back, and not held on to for ever', async () => {
    const machine = createMachine();
    const { images, journal } = machine.start();
    const remove = journal.remove.bind(journal);
    let tries = 0;
    Object.assign(journal, {
      remove: (claim: JournalClaim) => (++tries < 3 ? Promise.reject(new Error('It is away.')) : remove(claim)),
    });
    const operation = images.start(lighthouse);
    operation.on('warning', () => undefined);
    await resolution(machine.clock, operation.result());
    await machine.clock.advance(LEASE_MS);
    expect({ tries, entries: machine.entries.size }).toEqual({ tries: 3, entries: 0 });
    expect(machine.clock.pendingTimers).toBe(0);
  });

  it('is given up after a while', async () => {
    const machine = createMachine();
    const { images, journal } = machine.start();
    Object.assign(journal, { remove: () => new Promise(() => undefined) });
    const operation = images.start(lighthouse);
    operation.on('warning', () => undefined);
    await resolution(machine.clock, operation.result());
    await machine.clock.advance(10 * LEASE_MS);
    expect(machine.clock.pendingTimers).toBe(0);
    expect((await machine.read()).operations).toMatchObject([{ isOrphan: true }]);
  });
});

describe('submitted()', () => {
  it('resolves at the end, if what was left could not be started', async () => {
    const machine = createMachine();
    const { images, journal } = machine.start();
    const operation = images.start(
      { ...lighthouse, config: { numberOfImages: 2 } },
      { backend: 'models', maxConcurrency: 1 },
    );
    operation.on('warning', () => undefined);
    await machine.clock.advance(0);
    Object.assign(journal, { write: () => Promise.reject(new Error('away')) });
    expect((await resolution(machine.clock, operation.result())).generatedImages).toHaveLength(1);
    expect(operation.jobs.map(({ state }) => state)).toEqual(['succeeded', 'not-started']);
    await resolution(machine.clock, operation.submitted());
  });
});

/** A journal whose disk is full for some of its methods. */
function failing(...methods: readonly (keyof Journal)[]): Journal {
  const fail = (method: keyof Journal) =>
    methods.includes(method) ? Promise.reject(new Error('The disk is full.')) : undefined;
  return {
    leaseMs: LEASE_MS,
    add: (id) => fail('add') ?? Promise.resolve({ id, fence: 1 }),
    write: () => fail('write') ?? Promise.resolve(true),
    renew: () => fail('renew') ?? Promise.resolve(true),
    release: () => fail('release') ?? Promise.resolve(true),
    remove: () => fail('remove') ?? Promise.resolve(true),
    list: () => Promise.resolve({ entries: [], unreadable: [] }),
    claim: () => Promise.resolve(undefined),
  };
}
