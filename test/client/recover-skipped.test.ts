import { describe, expect, it } from 'vitest';
import { recordText } from '../../src/journal/record.js';
import { cancelable, memoryJournal, type CloudStorage, type Journal } from '../../src/index.js';
import { createMachine, LEASE_MS } from '../support/machine.js';
import { lighthouse, resolution, setup, type Setup } from '../support/setup.js';
import { crash, two } from '../support/crash.js';

describe('what recover() skips', () => {
  const HOURS = 3_600_000;

  it('`detached`: what was left running on purpose is not cancelled', async () => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    let id = '';
    await crash(machine, ({ images }) => {
      const operation = images.start(lighthouse, { tag: 'order 7' });
      operation.detach();
      id = operation.id;
    });
    const recovery = await resolution(machine.clock, machine.start().images.recover({ policy: 'cancel' }));
    expect(recovery).toEqual({ operations: [], skipped: [{ id, tag: 'order 7', reason: 'detached' }], unreadable: [] });
    expect(machine.emulator.meter.running()).toHaveLength(1);
    expect(machine.emulator.meter.requestsTo('cancel')).toHaveLength(0);
    expect((await machine.read()).operations).toMatchObject([{ id, isOrphan: true }]);
  });

  it.each(['attach', 'cancel'] as const)('`other-server`: jobs of another server, by %s', async (policy) => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    await crash(machine, ({ images }) => images.start(lighthouse));
    const process = machine.start();
    const vertex = setup({ vertex: true, client: { journal: process.journal } });
    const recovery = await resolution(vertex.clock, vertex.images.recover({ policy }));
    expect(recovery).toEqual({
      operations: [],
      skipped: [{ id: expect.any(String) as string, reason: 'other-server' }],
      unreadable: [],
    });
    expect(vertex.emulator.meter.requests).toHaveLength(0);
    expect((await resolution(machine.clock, process.images.recover({ policy: 'cancel' }))).operations).toHaveLength(1);
  });

  it.each([
    ['interactions whose create was cut off', 'create', 'interactions'],
    ['requests that cannot be cancelled', 'generateContent', 'models'],
  ] as const)('`in-doubt`: %s, until forget()', async (_, route, backend) => {
    const machine = createMachine({ faults: [{ kind: 'hang', route, when: 'after' }] });
    await crash(machine, ({ images }) => images.start(lighthouse, { backend }).on('warning', () => undefined));
    const { images } = machine.start();
    const requests = machine.emulator.meter.requests.length;
    for (const policy of ['attach', 'cancel', 'attach'] as const) {
      const { operations, skipped } = await resolution(machine.clock, images.recover({ policy }));
      expect(operations).toEqual([]);
      expect(skipped).toEqual([{ id: expect.any(String) as string, reason: 'in-doubt' }]);
    }
    const [left] = (await machine.read()).operations;
    expect(left).toMatchObject({ isOrphan: true, inDoubt: [{ backend }] });
    expect(await images.forget(left?.id ?? '')).toBe(true);
    expect(await resolution(machine.clock, images.recover())).toEqual({ operations: [], skipped: [], unreadable: [] });
    expect(machine.entries.size).toBe(0);
    expect(machine.emulator.meter.requests).toHaveLength(requests);
  });

  it('`in-doubt` says nothing of a record with a job that can be watched', async () => {
    const machine = createMachine({
      faults: [{ kind: 'hang', route: 'create', when: 'after', skip: 1 }],
      workMs: 10 * LEASE_MS,
    });
    await crash(machine, ({ images }) => images.start(two));
    const first = await resolution(machine.clock, machine.start().images.recover({ policy: 'cancel' }));
    expect(first).toMatchObject({ operations: [{ report: { outcome: 'unconfirmed' } }], skipped: [] });
    expect(machine.emulator.meter.jobs.map(({ endReason }) => endReason)).toEqual(['cancelled', undefined]);
    await machine.clock.advance(0);
    const second = await resolution(machine.clock, machine.start().images.recover({ policy: 'cancel' }));
    expect(second).toMatchObject({ operations: [], skipped: [{ reason: 'in-doubt' }] });
  });

  it.each(['create', 'batch-create'] as const)('`expired`: in doubt for 48 h, by %s; reported once', async (route) => {
    const machine = createMachine({ faults: [{ kind: 'hang', route, when: 'before' }] });
    let id = '';
    await crash(machine, ({ images }) => {
      const backend = route === 'create' ? 'interactions' : 'batches';
      ({ id } = images.start(lighthouse, { backend }));
    });
    const { images } = machine.start();
    await machine.clock.advance(47 * HOURS);
    await resolution(machine.clock, images.recover({ policy: 'cancel' }));
    await machine.clock.advance(0);
    // A batch is looked for as long as it may be listed.
    expect(machine.emulator.meter.requestsTo('batch-list').length > 0).toBe(route === 'batch-create');
    expect((await machine.read()).operations).toMatchObject([{ id, isOrphan: true, inDoubt: [{}] }]);
    await machine.clock.advance(HOURS);
    const requests = machine.emulator.meter.requests.length;
    const expired = await resolution(machine.clock, images.recover());
    expect(expired).toEqual({ operations: [], skipped: [{ id, reason: 'expired' }], unreadable: [] });
    expect(machine.entries.size).toBe(0);
    expect((await resolution(machine.clock, images.recover())).skipped).toEqual([]);
    expect(machine.emulator.meter.requests).toHaveLength(requests);
  });

  it.each(['interactions', 'batches'] as const)(
    '`lost`: %s that the server denies after 48 h; reported once',
    async (backend) => {
      const machine = createMachine({ workMs: 10 * LEASE_MS });
      let id = '';
      await crash(machine, ({ images }) => ({ id } = images.start(lighthouse, { backend, tag: 'order 7' })));
      const route = backend === 'batches' ? 'batch-get' : 'get';
      machine.emulator.addFault({ kind: 'status', route, status: 404 });
      await machine.clock.advance(48 * HOURS);
      const { images } = machine.start();
      const reads = machine.emulator.meter.requestsTo(route).length;
      const lost = await resolution(machine.clock, images.recover());
      expect(lost).toEqual({ operations: [], skipped: [{ id, tag: 'order 7', reason: 'lost' }], unreadable: [] });
      expect(machine.entries.size).toBe(0);
      expect((await resolution(machine.clock, images.recover())).skipped).toEqual([]);
      expect(machine.emulator.meter.requestsTo(route)).toHaveLength(reads + 1);
    },
  );

  it.each([
    ['a job that is still there', 2 * HOURS + 48 * HOURS, undefined],
    ['a server that cannot be asked', 2 * HOURS + 48 * HOURS, 500],
    ['a job that is denied before 48 h have passed', 40 * HOURS, 404],
  ])('`lost` says nothing of %s', async (_, afterMs, status) => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    await crash(machine, ({ images }) => images.start(lighthouse));
    await machine.clock.advance(afterMs);
    if (status !== undefined) machine.emulator.addFault({ kind: 'status', route: 'get', status });
    const { operations, skipped } = await resolution(machine.clock, machine.start().images.recover());
    expect([operations.length, skipped]).toEqual([1, []]);
    expect(machine.entries.size).toBe(1);
  });

  it('`claimed`: another process was faster', async () => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    await crash(machine, ({ images }) => images.start(lighthouse));
    const [first, second] = [machine.start(), machine.start()];
    const list = second.journal.list.bind(second.journal);
    let ids: string[] = [];
    Object.assign(second.journal, {
      list: async () => {
        const listing = await list();
        ids = (await first.images.recover()).operations.map(({ id }) => id);
        return listing;
      },
    });
    const recovery = await resolution(machine.clock, second.images.recover());
    expect(ids).toHaveLength(1);
    expect(recovery).toEqual({ operations: [], skipped: [{ id: ids[0], reason: 'claimed' }], unreadable: [] });
    expect(second.images.operations).toEqual([]);
  });

  describe('`needs-storage`', () => {
    const SOURCE = 'gs://requests/in.jsonl';
    const DESTINATION = 'gs://results/out';

    /** A batch on Vertex, in a journal that nobody owns. */
    async function vertexOrphan(destination: string): Promise<Setup & { journal: Journal; id: string }> {
      const all = setup({ vertex: true });
      all.emulator.bucket.put(SOURCE, JSON.stringify({ key: '0', request: { contents: 'a fox' } }));
      const operation = all.images.startBatch(SOURCE, { model: lighthouse.model, destination, storage: NO_STORAGE });
      await resolution(all.clock, operation.submitted());
      const journal = memoryJournal({ clock: all.clock });
      const record = recordText({ ...operation.toJSON(), writtenAt: all.clock.now() });
      await journal.release(await journal.add(operation.id, record));
      operation.result().catch(() => undefined);
      return { ...all, journal, id: operation.id };
    }

    const NO_STORAGE: CloudStorage = {
      bucket: () => {
        throw new Error('It was asked.');
      },
    };

    it('a batch on Vertex whose results cannot be read without it', async () => {
      const { clock, images, journal, id } = await vertexOrphan(DESTINATION);
      const recovery = await resolution(clock, images.recover({ journal }));
      expect(recovery).toEqual({ operations: [], skipped: [{ id, reason: 'needs-storage' }], unreadable: [] });
      expect((await journal.list()).entries).toMatchObject([{ id, isOrphan: true }]);
      const attached = await resolution(clock, images.recover({ journal, storage: NO_STORAGE }));
      expect(attached).toMatchObject({ operations: [{ id }], skipped: [] });
    });

    it.each([
      ['keeps its record, when it is cancelled by its name after its end', 30_000, 'completed-anyway', 1],
      ['leaves the journal, when it is cancelled by its name before', 0, 'cancelled', 0],
    ])('a batch on Vertex %s', async (_, afterMs, outcome, records) => {
      const { ai, clock, emulator, journal } = await vertexOrphan(DESTINATION);
      await clock.advance(afterMs);
      const [{ name = '' } = {}] = emulator.meter.jobs;
      const report = await resolution(clock, cancelable(ai, { clock, journal }).cancel(name));
      expect(report).toMatchObject({ outcome });
      expect(report.response?.generatedImages ?? []).toEqual([]);
      expect((await journal.list()).entries).toHaveLength(records);
    });

    it('not to cancel it, and not where the results lie in BigQuery', async () => {
      const first = await vertexOrphan(DESTINATION);
      const { journal } = first;
      const cancelled = await resolution(first.clock, first.images.recover({ journal, policy: 'cancel' }));
      expect(cancelled).toMatchObject({ operations: [{ report: { outcome: 'cancelled' } }], skipped: [] });
      const second = await vertexOrphan('bq://a-project.results');
      const attached = await resolution(second.clock, second.images.recover({ journal: second.journal }));
      expect(attached).toMatchObject({ operations: [{}], skipped: [] });
    });
  });
});
