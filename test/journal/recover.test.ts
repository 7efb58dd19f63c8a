import { describe, expect, it } from 'vitest';
import { recordText } from '../../src/journal/record.js';
import { createMachine, LEASE_MS, type Machine, type TestProcess } from '../support/machine.js';
import { lighthouse, rejection, resolution, setup } from '../support/setup.js';

const two = { ...lighthouse, config: { numberOfImages: 2 } };

/** A process that has started something and is dead, and time enough for others to see it. */
async function crash(machine: Machine, start: (process: TestProcess) => unknown, afterMs = 500): Promise<void> {
  const process = machine.start();
  start(process);
  await machine.clock.advance(afterMs);
  process.kill();
  await machine.clock.advance(LEASE_MS);
}

describe('recover()', () => {
  it('attaches to what a crash has left behind, and delivers it', async () => {
    const machine = createMachine({ workMs: 3 * LEASE_MS });
    await crash(machine, ({ images }) => images.start(two, { tag: 'order 7' }));
    const { images } = machine.start();
    const { operations } = await resolution(machine.clock, images.recover({ policy: 'attach' }));
    expect(operations).toMatchObject([{ record: { tag: 'order 7', model: lighthouse.model }, inDoubt: [] }]);
    expect(images.operations).toEqual(operations.map(({ operation }) => operation));
    const [recovered] = operations;
    expect(recovered?.operation.id).toBe(recovered?.id);
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
    // What is left to write down of it is nothing: so it stands in the journal until it is removed, which comes next.
    const { jobs, ...ended } = images.start(two, { journal: false, cancelSignal: AbortSignal.abort() }).toJSON();
    expect(jobs).toHaveLength(2);
    await journal.add(ended.id, recordText({ ...ended, jobs: [], writtenAt: machine.clock.now() }));
    await machine.clock.advance(2 * LEASE_MS);
    const recovery = await resolution(machine.clock, machine.start().images.recover({ policy: 'attach' }));
    expect(recovery).toEqual({ operations: [], leftAlone: [], unreadable: [] });
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
    expect(operations.map(({ report }) => report.outcome).sort()).toEqual(['cancelled', 'cancelled']);
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
    expect(operations[0]?.report.response?.generatedImages).toHaveLength(2);
  });

  it('lists, and takes nothing', async () => {
    const machine = createMachine({ workMs: 3 * LEASE_MS });
    await crash(machine, ({ images }) => images.start(two));
    const requests = machine.emulator.meter.requests.length;
    const { images } = machine.start();
    for (let look = 0; look < 2; look++) {
      const { operations } = await resolution(machine.clock, images.recover({ policy: 'list' }));
      expect(operations).toMatchObject([{ isOrphan: true, inDoubt: [], record: { jobs: [{}, {}] } }]);
    }
    expect(machine.emulator.meter.requests).toHaveLength(requests);
    expect(images.operations).toHaveLength(0);
  });

  it('leaves alone what lives', async () => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    const living = machine.start();
    living.images.start(lighthouse);
    await machine.clock.advance(3 * LEASE_MS);
    const { images } = machine.start();
    const recoveries = Promise.all([
      images.recover({ policy: 'list' }),
      images.recover({ policy: 'attach' }),
      images.recover({ policy: 'cancel' }),
    ]);
    for (const recovery of await resolution(machine.clock, recoveries)) {
      expect(recovery).toEqual({ operations: [], leftAlone: [], unreadable: [] });
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
    // Oldest first.
    const startedAt = [...first.operations, ...second.operations].map(({ record }) => record.startedAt);
    expect(startedAt).toEqual([...startedAt].sort((one, other) => one - other));
  });

  it('deals with those that a filter lets through', async () => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    for (const tag of ['mine', 'theirs']) await crash(machine, ({ images }) => images.start(lighthouse, { tag }));
    const recovering = machine.start().images.recover({ policy: 'cancel', filter: ({ tag }) => tag === 'mine' });
    const { operations } = await resolution(machine.clock, recovering);
    expect(operations.map(({ record }) => record.tag)).toEqual(['mine']);
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
      process.images.start(lighthouse, { fallback: 'error' }).on('warning', () => undefined);
    });
    expect(machine.entries.size).toBe(1);
    const { operations } = await resolution(machine.clock, machine.start().images.recover({ policy: 'attach' }));
    expect(operations).toHaveLength(1);
    await machine.clock.advance(1_000);
    expect(machine.entries.size).toBe(0);
  });

  it('names interactions whose create was cut off as in doubt, once, and keeps them listed', async () => {
    const machine = createMachine({ faults: [{ kind: 'hang', route: 'create', when: 'after' }] });
    await crash(machine, ({ images }) => images.start(two));
    const { images } = machine.start();
    const first = await resolution(machine.clock, images.recover({ policy: 'attach' }));
    expect(first.operations).toMatchObject([{ inDoubt: [{ backend: 'interactions' }, { backend: 'interactions' }] }]);
    const [recovered] = first.operations;
    recovered?.operation.on('warning', () => undefined);
    expect(await rejection(machine.clock, recovered?.operation.result() ?? Promise.resolve())).toMatchObject({
      code: 'ERR_SUBMIT_UNKNOWN',
    });
    await machine.clock.advance(0);
    expect((await resolution(machine.clock, images.recover({ policy: 'cancel' }))).operations).toEqual([]);
    const listed = await resolution(machine.clock, images.recover({ policy: 'list' }));
    expect(listed.operations).toMatchObject([{ id: recovered?.id, inDoubt: [{}, {}] }]);
    expect(await images.forget(recovered?.id ?? '')).toBe(true);
    expect((await resolution(machine.clock, images.recover({ policy: 'list' }))).operations).toEqual([]);
    expect(machine.emulator.meter.requestsTo('create')).toHaveLength(2);
  });

  it('finds batches whose create was cut off by their display name', async () => {
    const machine = createMachine({
      faults: [{ kind: 'hang', route: 'batch-create', when: 'after' }],
      workMs: 10 * LEASE_MS,
    });
    await crash(machine, ({ images }) => images.startBatch([{ prompt: 'a' }], { model: lighthouse.model }));
    const { operations } = await resolution(machine.clock, machine.start().images.recover({ policy: 'cancel' }));
    expect(operations).toMatchObject([{ inDoubt: [], report: { outcome: 'cancelled' } }]);
    expect(machine.emulator.meter.jobs).toMatchObject([{ endReason: 'cancelled' }]);
    await machine.clock.advance(0);
    expect(machine.entries.size).toBe(0);
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
    expect(first.operations).toMatchObject([{ inDoubt: [{ backend: 'batches' }], report: { outcome: 'unconfirmed' } }]);
    await machine.clock.advance(2 * LEASE_MS);
    const second = await resolution(machine.clock, images.recover({ policy: 'cancel' }));
    expect(second.operations).toMatchObject([{ inDoubt: [], report: { outcome: 'cancelled' } }]);
    expect(machine.emulator.meter.running()).toHaveLength(0);
  });

  it('does not look for ever for a batch that is never listed', async () => {
    const machine = createMachine({ faults: [{ kind: 'hang', route: 'batch-create', when: 'before' }] });
    await crash(machine, ({ images }) => images.startBatch([{ prompt: 'a' }], { model: lighthouse.model }));
    const { images } = machine.start();
    const looks: number[] = [];
    for (let half = 0; half < 6; half++) {
      await resolution(machine.clock, images.recover({ policy: 'cancel' }));
      looks.push(machine.emulator.meter.requestsTo('batch-list').length);
      await machine.clock.advance(1_800_000);
    }
    expect(looks.at(2)).toBeGreaterThan(looks.at(1) ?? 0);
    expect(looks.at(-1)).toBe(looks.at(-2));
    expect((await machine.read()).operations).toMatchObject([{ inDoubt: [{ backend: 'batches' }] }]);
  });

  it('names requests that cannot be cancelled as in doubt', async () => {
    const machine = createMachine();
    await crash(machine, ({ images }) => {
      images.start(lighthouse, { backend: 'models' }).on('warning', () => undefined);
    });
    const { operations } = await resolution(machine.clock, machine.start().images.recover({ policy: 'cancel' }));
    expect(operations).toMatchObject([{ inDoubt: [{ backend: 'models' }], report: { outcome: 'unconfirmed' } }]);
    expect(machine.emulator.meter.jobs).toHaveLength(1);
  });

  it('leaves detached operations to run when it cancels, and attaches to them when it attaches', async () => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    await crash(machine, ({ images }) => {
      images.start(lighthouse).detach();
    });
    const { images } = machine.start();
    const cancelled = await resolution(machine.clock, images.recover({ policy: 'cancel' }));
    expect(cancelled).toMatchObject({ operations: [], leftAlone: [{ why: 'detached' }] });
    expect(machine.emulator.meter.running()).toHaveLength(1);
    const adopter = machine.start();
    const attached = await resolution(machine.clock, adopter.images.recover({ policy: 'attach' }));
    expect(attached).toMatchObject({ operations: [{}], leftAlone: [] });
    // From then on somebody watches it: should that one die as well, it was not left running on purpose.
    await machine.clock.advance(LEASE_MS);
    adopter.kill();
    await machine.clock.advance(LEASE_MS);
    const again = await resolution(machine.clock, images.recover({ policy: 'cancel' }));
    expect(again).toMatchObject({ operations: [{ report: { outcome: 'cancelled' } }], leftAlone: [] });
  });

  it('leaves the operations of other servers to others', async () => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    await crash(machine, ({ images }) => images.start(lighthouse));
    const process = machine.start();
    const vertex = setup({ vertex: true, client: { journal: process.journal } });
    const recovery = await resolution(machine.clock, vertex.images.recover({ policy: 'cancel' }));
    expect(recovery).toMatchObject({ operations: [], leftAlone: [{ why: 'other-server' }] });
    expect(vertex.emulator.meter.requests).toHaveLength(0);
    expect((await resolution(machine.clock, process.images.recover({ policy: 'cancel' }))).operations).toHaveLength(1);
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
    ['no policy', {}, 'policy'],
    ['a policy that there is not', { policy: 'delete' }, 'policy'],
    ['a limit of 0', { policy: 'list', limit: 0 }, 'limit'],
    ['a filter that is none', { policy: 'list', filter: /mine/ }, 'filter'],
    ['an option that there is not', { policy: 'list', force: true }, 'force'],
    ['no journal', { policy: 'list', journal: false }, 'journal'],
  ])('%s is refused by name', async (_, options, name) => {
    const { images } = createMachine().start();
    await expect(images.recover(options as never)).rejects.toThrow(`\`${name}\``);
  });
});

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
    expect(operation.state).toBe('cancelled');
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
    expect(await rejection(machine.clock, attached.result())).toMatchObject({ code: 'ERR_SUBMIT_UNKNOWN' });
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

it('a record is read as it was written', () => {
  const { images } = setup();
  const record = { ...images.start(lighthouse, { cancelSignal: AbortSignal.abort() }).toJSON(), writtenAt: 1 };
  expect(JSON.parse(recordText(record))).toEqual(record);
});
