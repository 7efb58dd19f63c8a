import { describe, expect, it } from 'vitest';
import type { Journal } from '../../src/index.js';
import { recordText } from '../../src/journal/record.js';
import { createMachine, LEASE_MS } from '../support/machine.js';
import { lighthouse, rejection, resolution, setup } from '../support/setup.js';
import { crash, two } from '../support/crash.js';

describe('recover()', () => {
  it('attaches to what a crash has left behind, and delivers it', async () => {
    const machine = createMachine({ workMs: 3 * LEASE_MS });
    await crash(machine, ({ images }) => images.start(two, { tag: 'order 7' }));
    const { images } = machine.start();
    const recovery = await resolution(machine.clock, images.recover());
    const [operation] = images.operations;
    expect(recovery).toEqual({
      operations: [{ id: operation?.id, tag: 'order 7', operation }],
      skipped: [],
      unreadable: [],
    });
    const [recovered] = recovery.operations;
    expect(recovered?.operation.toJSON()).toMatchObject({ tag: 'order 7', model: lighthouse.model });
    const { generatedImages } = await resolution(
      machine.clock,
      recovered?.operation.result() ?? Promise.reject(new Error()),
    );
    expect(generatedImages).toHaveLength(2);
    await machine.clock.advance(0);
    expect(machine.entries.size).toBe(0);
    expect(machine.emulator.meter.requestsTo('create')).toHaveLength(2);
  });

  it('takes away the record of what had ended when its process died', async () => {
    const machine = createMachine();
    const { images, journal } = machine.start();
    // A record without jobs: it stands in the journal until it is removed, which comes next.
    const { jobs, ...ended } = images.start(two, { journal: false, cancelSignal: AbortSignal.abort() }).toJSON();
    expect(jobs).toHaveLength(2);
    await journal.add(ended.id, recordText({ ...ended, jobs: [], writtenAt: machine.clock.now() }));
    await machine.clock.advance(2 * LEASE_MS);
    const recovery = await resolution(machine.clock, machine.start().images.recover({ policy: 'attach' }));
    expect(recovery).toEqual({ operations: [], skipped: [], unreadable: [] });
    expect(machine.entries.size).toBe(0);
    expect(machine.clock.pendingTimers).toBe(0);
  });

  it('delivers what was finished while nobody was there', async () => {
    const machine = createMachine({ workMs: 1_000 });
    await crash(machine, ({ images }) => images.start(two));
    expect(machine.emulator.meter.running()).toHaveLength(0);
    const { operations } = await resolution(machine.clock, machine.start().images.recover({ policy: 'attach' }));
    const response = await resolution(machine.clock, operations[0]?.operation.result() ?? Promise.reject(new Error()));
    expect(response.generatedImages).toHaveLength(2);
  });

  it('cancels what a crash has left behind, and keeps what had been made', async () => {
    const machine = createMachine({ workMs: 3 * LEASE_MS, faults: [] });
    await crash(machine, ({ images }) => {
      images.start(two);
      images.startBatch([{ prompt: 'a' }], { model: lighthouse.model });
    });
    const { operations } = await resolution(machine.clock, machine.start().images.recover({ policy: 'cancel' }));
    expect(operations.map(({ report }) => report?.outcome)).toEqual(['cancelled', 'cancelled']);
    expect(machine.emulator.meter.jobs.map(({ endReason }) => endReason)).toEqual([
      'cancelled',
      'cancelled',
      'cancelled',
    ]);
    await machine.clock.advance(0);
    expect(machine.entries.size).toBe(0);
  });

  it('reports what had been made before it could be cancelled', async () => {
    const machine = createMachine({ workMs: 1_000 });
    await crash(machine, ({ images }) => images.start(two));
    const { operations } = await resolution(machine.clock, machine.start().images.recover({ policy: 'cancel' }));
    expect(operations).toMatchObject([{ report: { outcome: 'completed-anyway' } }]);
    expect(operations[0]?.report?.response?.generatedImages).toHaveLength(2);
  });

  it('leaves alone what lives', async () => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    const living = machine.start();
    living.images.start(lighthouse);
    await machine.clock.advance(3 * LEASE_MS);
    const { images } = machine.start();
    const recoveries = Promise.all([images.recover({ policy: 'attach' }), images.recover({ policy: 'cancel' })]);
    for (const recovery of await resolution(machine.clock, recoveries)) {
      expect(recovery).toEqual({ operations: [], skipped: [], unreadable: [] });
    }
    expect(machine.emulator.meter.running()).toHaveLength(1);
  });

  it('gives each operation to one process only', async () => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    for (let index = 0; index < 6; index++) await crash(machine, ({ images }) => images.start(lighthouse));
    const processes = [machine.start(), machine.start(), machine.start()];
    const recovering = Promise.all(processes.map(({ images }) => images.recover({ policy: 'attach' })));
    const recovered = await resolution(machine.clock, recovering);
    const ids = recovered.flatMap(({ operations }) => operations.map(({ id }) => id));
    expect(ids).toHaveLength(6);
    expect(new Set(ids).size).toBe(6);
  });

  it('takes no more than its limit', async () => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    for (let index = 0; index < 3; index++) await crash(machine, ({ images }) => images.start(lighthouse));
    const { images } = machine.start();
    const first = await resolution(machine.clock, images.recover({ policy: 'attach', limit: 2 }));
    const second = await resolution(machine.clock, images.recover({ policy: 'attach', limit: 2 }));
    expect([first.operations.length, second.operations.length]).toEqual([2, 1]);
    // Oldest first; those beyond the limit are not listed.
    expect(first.skipped).toEqual([]);
    const startedAt = [...first.operations, ...second.operations].map(({ operation }) => operation.toJSON().startedAt);
    expect(startedAt).toEqual([...startedAt].sort((one, other) => one - other));
  });

  it('deals with those that a filter lets through', async () => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    for (const tag of ['mine', 'theirs']) await crash(machine, ({ images }) => images.start(lighthouse, { tag }));
    const recovering = machine.start().images.recover({ policy: 'cancel', filter: ({ tag }) => tag === 'mine' });
    const { operations, skipped } = await resolution(machine.clock, recovering);
    expect(operations.map(({ tag }) => tag)).toEqual(['mine']);
    expect(skipped).toEqual([]);
    expect(machine.emulator.meter.running()).toHaveLength(1);
  });

  it('delivers nothing before its caller can listen', async () => {
    const machine = createMachine({ workMs: 1_000 });
    await crash(machine, ({ images }) => images.start(lighthouse));
    const delivered: number[] = [];
    const recovering = machine
      .start()
      .images.recover({ policy: 'attach' })
      .then(({ operations }) =>
        operations.forEach(({ operation }) => operation.on('image', ({ index }) => delivered.push(index))),
      );
    await resolution(machine.clock, recovering);
    await machine.clock.advance(60_000);
    expect(delivered).toEqual([0]);
  });

  it.each(['attach', 'cancel'] as const)(
    'loses nothing if it dies before its caller has got anything, by %s',
    async (policy) => {
      const machine = createMachine({
        workMs: 1_000,
        faults: [
          { kind: 'hang', route: 'batch-list' },
          { kind: 'hang', route: 'batch-create', when: 'after' },
        ],
      });
      await crash(machine, ({ images }) => {
        images.start(lighthouse, { tag: 'made' });
        images.startBatch([{ prompt: 'a' }], { model: lighthouse.model, tag: 'never listed' });
      });
      const process = machine.start();
      let isDone = false;
      void process.images.recover({ policy }).then(() => (isDone = true));
      // The image is there at once; the list is waited for.
      await machine.clock.advance(4_000);
      if (policy === 'cancel') expect(isDone).toBe(false);
      process.kill();
      await machine.clock.advance(LEASE_MS);
      const tags = (await machine.read()).operations.map(({ record }) => record.tag);
      expect(tags).toContain(policy === 'cancel' ? 'made' : 'never listed');
    },
  );

  it('clears away what was written down and never started', async () => {
    const machine = createMachine({ faults: [{ kind: 'status', route: 'create', status: 400 }] });
    await crash(machine, (process) => {
      const remove = process.journal.remove.bind(process.journal);
      // Killed when all its jobs were refused, and before its record was out.
      Object.assign(process.journal, { remove: () => (process.kill(), remove({ id: '', fence: 0 })) });
      process.images.start(lighthouse).on('warning', () => undefined);
    });
    expect(machine.entries.size).toBe(1);
    const { operations } = await resolution(machine.clock, machine.start().images.recover({ policy: 'attach' }));
    expect(operations).toHaveLength(1);
    await machine.clock.advance(1_000);
    expect(machine.entries.size).toBe(0);
  });

  it('finds batches whose create was cut off by their display name', async () => {
    const machine = createMachine({
      faults: [{ kind: 'hang', route: 'batch-create', when: 'after' }],
      workMs: 10 * LEASE_MS,
    });
    await crash(machine, ({ images }) => images.startBatch([{ prompt: 'a' }], { model: lighthouse.model }));
    const { operations } = await resolution(machine.clock, machine.start().images.recover({ policy: 'cancel' }));
    expect(operations).toMatchObject([{ report: { outcome: 'cancelled' } }]);
    expect(machine.emulator.meter.jobs).toMatchObject([{ endReason: 'cancelled' }]);
    await machine.clock.advance(0);
    expect(machine.entries.size).toBe(0);
  });

  it('delivers all images of a batch that the dead process had attached to by its name', async () => {
    const machine = createMachine({ batchQueueMs: 3 * LEASE_MS });
    const starter = machine.start();
    const started = starter.images.start(two, { backend: 'batches', journal: false });
    await resolution(machine.clock, started.submitted());
    await crash(machine, ({ images }) => images.attach(started.jobs[0]?.name ?? ''));
    const { operations } = await resolution(machine.clock, machine.start().images.recover({ policy: 'attach' }));
    const [recovered] = operations;
    const response = await resolution(machine.clock, recovered?.operation.result() ?? Promise.reject(new Error()));
    expect(response.generatedImages).toHaveLength(2);
  });

  it('looks again for a batch that was not listed', async () => {
    const machine = createMachine({
      faults: [
        { kind: 'hang', route: 'batch-create', when: 'after' },
        { kind: 'list-lag', ms: 2 * LEASE_MS },
      ],
      workMs: 10 * LEASE_MS,
    });
    await crash(machine, ({ images }) => images.startBatch([{ prompt: 'a' }], { model: lighthouse.model }));
    const { images } = machine.start();
    const first = await resolution(machine.clock, images.recover({ policy: 'cancel' }));
    expect(first.operations).toMatchObject([{ report: { outcome: 'unconfirmed' } }]);
    await machine.clock.advance(0);
    expect((await machine.read()).operations).toMatchObject([{ isOrphan: true, inDoubt: [{ backend: 'batches' }] }]);
    await machine.clock.advance(2 * LEASE_MS);
    const second = await resolution(machine.clock, images.recover({ policy: 'cancel' }));
    expect(second.operations).toMatchObject([{ report: { outcome: 'cancelled' } }]);
    expect(machine.emulator.meter.running()).toHaveLength(0);
  });

  it('attaches to what was detached, which is not detached here', async () => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    await crash(machine, ({ images }) => images.start(lighthouse).detach());
    const adopter = machine.start();
    const attached = await resolution(machine.clock, adopter.images.recover());
    expect(attached).toMatchObject({ operations: [{}], skipped: [] });
    // From then on somebody watches it: should that one die as well, it was not left running on purpose.
    await machine.clock.advance(LEASE_MS);
    adopter.kill();
    await machine.clock.advance(LEASE_MS);
    const again = await resolution(machine.clock, machine.start().images.recover({ policy: 'cancel' }));
    expect(again).toMatchObject({ operations: [{ report: { outcome: 'cancelled' } }], skipped: [] });
  });

  it.each(['attach', 'cancel'] as const)(
    'gives what it has claimed when the store fails in between, and leaves the rest, by %s',
    async (policy) => {
      const machine = createMachine({ workMs: 10 * LEASE_MS });
      for (let index = 0; index < 3; index++) await crash(machine, ({ images }) => images.start(lighthouse));
      const { images, journal } = machine.start();
      const claim = journal.claim.bind(journal);
      let claims = 0;
      Object.assign(journal, {
        claim: (...args: Parameters<Journal['claim']>) =>
          ++claims === 2 ? Promise.reject(new Error('It is away.')) : claim(...args),
      });
      const first = await resolution(machine.clock, images.recover({ policy }));
      expect(first).toMatchObject({ operations: [{}], skipped: [] });
      await machine.clock.advance(1_000);
      expect(first.operations[0]?.operation.state).toBe(policy === 'attach' ? 'running' : 'cancelled');
      const second = await resolution(machine.clock, images.recover({ policy }));
      expect(second.operations).toHaveLength(2);
    },
  );

  it('rejects with the error of the store if it has claimed nothing', async () => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    await crash(machine, ({ images }) => images.start(lighthouse));
    for (const method of ['list', 'claim'] as const) {
      const { images, journal } = machine.start();
      const away = new Error('It is away.');
      Object.assign(journal, { [method]: () => Promise.reject(away) });
      expect(await rejection(machine.clock, images.recover())).toBe(away);
      expect(images.operations).toEqual([]);
    }
  });

  it('leaves what cannot be read where it is, and says so', async () => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    await crash(machine, ({ images }) => images.start(lighthouse));
    const [[id, entry] = ['', undefined]] = machine.entries;
    if (entry === undefined) throw new Error('Nothing was written down.');
    machine.entries.set('torn', { ...entry, text: entry.text.slice(0, 40) });
    machine.entries.set('later', { ...entry, text: entry.text.replace('"version":1', '"version":2') });
    machine.entries.set('tampered', { ...entry, text: entry.text.replace('interactions/', 'interactions/../') });
    const { images } = machine.start();
    const recovery = await resolution(machine.clock, images.recover({ policy: 'cancel' }));
    expect(recovery.operations.map((one) => one.id)).toEqual([id]);
    expect(recovery.unreadable.map(({ place, problem }) => `${place}: ${problem}`).sort()).toEqual([
      'later: Expected `record.version` to be 1, got `2` (number).',
      expect.stringMatching(/^tampered: Expected `record\.jobs\[0\]\.name` to be the name of a job/),
      'torn: It is not JSON: it may have been torn.',
    ]);
    await machine.clock.advance(0);
    expect([...machine.entries.keys()].sort()).toEqual(['later', 'tampered', 'torn']);
  });

  it('does not deliver again what a report has delivered', async () => {
    const machine = createMachine({ faults: [{ kind: 'cancel-ignored' }], workMs: 20_000 });
    const { images } = machine.start();
    const operation = images.start(two, { maxConcurrency: 1 });
    // The first is made; the second runs, and nobody can tell how it ends.
    await machine.clock.advance(21_000);
    machine.emulator.addFault({ kind: 'status', route: '*', status: 503 });
    const report = await resolution(machine.clock, operation.cancel());
    expect(report).toMatchObject({ outcome: 'unconfirmed', response: { generatedImages: [{}] } });
    await machine.clock.advance(0);
    expect((await machine.read()).operations[0]?.record.jobs.map(({ index }) => index)).toEqual([1]);
  });

  it('is recovered again when the process that recovers dies as well', async () => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    await crash(machine, ({ images }) => images.start(lighthouse));
    await crash(machine, ({ images }) => images.recover({ policy: 'attach' }));
    const { operations } = await resolution(machine.clock, machine.start().images.recover({ policy: 'cancel' }));
    expect(operations).toMatchObject([{ report: { outcome: 'cancelled' } }]);
    await machine.clock.advance(0);
    expect(machine.entries.size).toBe(0);
  });

  it.each<[string, object, string]>([
    ['a policy that there is not', { policy: 'list' }, 'policy'],
    ['a limit of 0', { limit: 0 }, 'limit'],
    ['a limit that is no integer', { limit: 1.5 }, 'limit'],
    ['a filter that is none', { filter: /mine/ }, 'filter'],
    ['an option that there is not', { force: true }, 'force'],
    ['no journal', { journal: false }, 'journal'],
  ])('%s is refused by name', async (_, options, name) => {
    const { images } = createMachine().start();
    await expect(images.recover(options as never)).rejects.toThrow(`\`${name}\``);
  });
});

it('a record is read as it was written', () => {
  const { images } = setup();
  const record = { ...images.start(lighthouse, { cancelSignal: AbortSignal.abort() }).toJSON(), writtenAt: 1 };
  expect(JSON.parse(recordText(record))).toEqual(record);
});

it('readJournal() tells all of each operation, and changes nothing', async () => {
  const machine = createMachine({
    faults: [{ kind: 'hang', route: 'create', when: 'after', skip: 1 }],
    workMs: 10 * LEASE_MS,
  });
  const operation = machine.start().images.start(two, { tag: 'order 7' });
  await machine.clock.advance(500);
  const entries = [...machine.entries];
  const contents = await machine.read();
  const [first, second] = operation.toJSON().jobs;
  expect(contents).toEqual({
    operations: [
      {
        id: operation.id,
        record: {
          ...operation.toJSON(),
          jobs: [{ ...first, state: 'queued', lastStatus: 'queued' }, second],
          writtenAt: expect.any(Number) as number,
        },
        owner: 'this process',
        isOrphan: false,
        renewedAt: expect.any(Number) as number,
        inDoubt: [second],
      },
    ],
    unreadable: [],
  });
  expect([...machine.entries]).toEqual(entries);
});
