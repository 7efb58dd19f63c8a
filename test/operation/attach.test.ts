import { describe, expect, it } from 'vitest';
import type { OperationSnapshot } from '../../src/index.js';
import type { Fault } from '../../src/testing/index.js';
import { createMachine } from '../support/machine.js';
import { lighthouse, rejection, resolution, settle, setup } from '../support/setup.js';

const three = { ...lighthouse, config: { numberOfImages: 3 } };

/** As through a file or a queue. */
function copy(snapshot: OperationSnapshot): OperationSnapshot {
  return JSON.parse(JSON.stringify(snapshot)) as OperationSnapshot;
}

describe('attach() to a snapshot', () => {
  it('watches and delivers like the original, under the same id', async () => {
    const machine = createMachine();
    const { images } = machine.start({ journal: false });
    const original = images.start(three, { tag: 'order 7' });
    await resolution(machine.clock, original.submitted());
    const operation = machine.start({ journal: false }).images.attach(copy(original.toJSON()));
    const seen: number[] = [];
    operation.on('image', ({ index }) => seen.push(index));
    const { generatedImages } = await resolution(machine.clock, operation.result());
    expect(generatedImages).toEqual((await resolution(machine.clock, original.result())).generatedImages);
    expect(seen.sort()).toEqual([0, 1, 2]);
    expect(operation.id).toBe(original.id);
    expect(operation.toJSON()).toEqual(original.toJSON());
    expect(machine.emulator.meter.requestsTo('create')).toHaveLength(3);
  });

  it('knows at once that it was submitted', async () => {
    const { clock, emulator, images } = setup();
    const original = images.start(lighthouse);
    await resolution(clock, original.submitted());
    emulator.addFault({ kind: 'hang' });
    const startedAt = clock.now();
    await resolution(clock, images.attach(copy(original.toJSON())).submitted());
    expect(clock.now()).toBe(startedAt);
  });

  it('watches no more jobs at once than it may, and each of them', async () => {
    const { clock, images } = setup();
    const original = images.start(three);
    await resolution(clock, original.submitted());
    const operation = images.attach(copy(original.toJSON()), { maxConcurrency: 1 });
    expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(3);
  });

  it('cancels like the original, which hears of it', async () => {
    const machine = createMachine();
    const original = machine.start().images.start(three);
    await resolution(machine.clock, original.submitted());
    const operation = machine.start().images.attach(copy(original.toJSON()));
    expect(operation.cancelable).toBe(true);
    await machine.clock.advance(1_000);
    const report = await resolution(machine.clock, operation.cancel('wrong prompt'));
    expect(report).toMatchObject({ outcome: 'cancelled', trigger: 'cancel', reason: 'wrong prompt' });
    expect(report.jobs).toHaveLength(3);
    expect(machine.emulator.meter.jobs.every(({ endReason }) => endReason === 'cancelled')).toBe(true);
    expect(await rejection(machine.clock, original.result())).toMatchObject({ code: 'FAILED' });
    expect(original).toMatchObject({ state: 'failed', jobs: [{ state: 'cancelled' }, {}, {}] });
  });

  it('takes a signal and a timeout of its own', async () => {
    const { clock, emulator, images } = setup();
    const original = images.start(lighthouse);
    await resolution(clock, original.submitted());
    const operation = images.attach(original.toJSON(), { timeoutMs: 500 });
    const error = await rejection(clock, operation.result());
    expect(error).toMatchObject({ name: 'AbortError', report: { outcome: 'cancelled', trigger: 'timeout' } });
    expect(emulator.meter.jobs).toMatchObject([{ endReason: 'cancelled' }]);
  });

  it('delivers what has been made long ago', async () => {
    const { clock, emulator, images } = setup();
    const original = images.start(three);
    await resolution(clock, original.result());
    await clock.advance(86_400_000);
    const operation = images.attach(copy(original.toJSON()));
    expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(3);
    expect(emulator.meter.requestsTo('create')).toHaveLength(3);
  });

  it('of an operation that has failed says so again', async () => {
    const { clock, images } = setup({ emulator: { faults: [{ kind: 'fail' }] } });
    const original = images.start(lighthouse);
    await rejection(clock, original.result());
    expect(await rejection(clock, images.attach(original.toJSON()).result())).toMatchObject({
      code: 'FAILED',
    });
  });

  it('finds a batch whose name was not known yet by its display name', async () => {
    const machine = createMachine({ faults: [{ kind: 'delay', route: 'batch-create', ms: 5_000 }] });
    const first = machine.start({ journal: false });
    const original = first.images.startBatch([{ prompt: 'a' }, { prompt: 'b' }], { model: lighthouse.model });
    await machine.clock.advance(100);
    const snapshot = copy(original.toJSON());
    expect(snapshot.jobs[0]?.displayName).toMatch(/^genai-cancel-/);
    expect(snapshot.jobs[0]?.name).toBeUndefined();
    first.kill();
    const operation = machine.start({ journal: false }).images.attach(snapshot);
    await resolution(machine.clock, operation.submitted());
    expect(operation.jobs[0]?.name).toBe(machine.emulator.meter.jobs[0]?.name);
    expect((await resolution(machine.clock, operation.result())).generatedImages).toHaveLength(2);
    expect(machine.emulator.meter.requestsTo('batch-create')).toHaveLength(1);
  });

  it('cancels a batch that it has still to find', async () => {
    const machine = createMachine({ faults: [{ kind: 'list-lag', ms: 1_500 }] });
    const first = machine.start({ journal: false });
    const original = first.images.startBatch([{ prompt: 'a' }], { model: lighthouse.model });
    const snapshot = copy(original.toJSON());
    await machine.clock.advance(10);
    first.kill();
    const operation = machine.start({ journal: false }).images.attach({
      ...snapshot,
      jobs: snapshot.jobs.map((job) => ({ ...job, state: 'submitting' as const })),
    });
    await machine.clock.advance(10);
    expect(await resolution(machine.clock, operation.cancel())).toMatchObject({ outcome: 'cancelled' });
    expect(machine.emulator.meter.jobs).toMatchObject([{ endReason: 'cancelled' }]);
  });

  it('cancels a batch that it finds after the report', async () => {
    const machine = createMachine({ faults: [{ kind: 'list-lag', ms: 10_000 }], workMs: 600_000 });
    const first = machine.start({ journal: false });
    const original = first.images.startBatch([{ prompt: 'a' }], { model: lighthouse.model });
    const snapshot = copy(original.toJSON());
    await machine.clock.advance(10);
    first.kill();
    const operation = machine.start({ journal: false }).images.attach({
      ...snapshot,
      jobs: snapshot.jobs.map((job) => ({ ...job, state: 'submitting' as const })),
    });
    const warnings: string[] = [];
    operation.on('warning', ({ code }) => warnings.push(code));
    expect(await resolution(machine.clock, operation.cancel())).toMatchObject({
      outcome: 'unconfirmed',
      leftovers: [{ howToCancel: expect.stringContaining(snapshot.jobs[0]?.displayName ?? '') as string }],
    });
    expect(machine.emulator.meter.requestsTo('batch-cancel')).toEqual([]);
    await machine.clock.advance(60_000);
    expect(machine.emulator.meter.jobs).toMatchObject([{ endReason: 'cancelled' }]);
    expect(warnings).toEqual(['late-job-cancelled']);
  });

  it('of a batch that is not listed says that nobody can tell', async () => {
    const { clock, emulator, images } = setup({
      emulator: { faults: [{ kind: 'hang', route: 'batch-create', when: 'before' }] },
    });
    const original = images.startBatch([{ prompt: 'a' }], { model: lighthouse.model });
    await clock.advance(10);
    const snapshot = original.toJSON();
    await clock.advance(100_000);
    const operation = images.attach(snapshot);
    const error = await rejection(clock, operation.result());
    expect(error).toMatchObject({ code: 'RESPONSE_LOST', jobs: [{ state: 'unknown' }] });
    expect((error as Error).message).toContain(snapshot.jobs[0]?.displayName);
    // One look: a create of so long ago is listed by now, or never.
    expect(emulator.meter.requestsTo('batch-list')).toHaveLength(1);
  });

  it('of an interaction whose name was never received says that nobody can tell', async () => {
    const { clock, images, emulator } = setup({
      emulator: { faults: [{ kind: 'hang', route: 'create', when: 'after' }] },
    });
    const original = images.start(three);
    await clock.advance(10);
    const operation = images.attach(original.toJSON());
    expect(await rejection(clock, operation.result())).toMatchObject({ code: 'RESPONSE_LOST' });
    expect(emulator.meter.requestsTo('create')).toHaveLength(3);
  });

  it('of requests without a name says that what they made cannot be fetched, and sends none again', async () => {
    const { clock, emulator, images } = setup();
    const original = images.start(lighthouse, { backend: 'models' });
    original.on('warning', () => undefined);
    await clock.advance(10);
    const operation = images.attach(original.toJSON());
    expect(operation.cancelable).toBe(false);
    const error = await rejection(clock, operation.result());
    expect((error as Error).message).toMatch(/may have been carried out and be charged/);
    expect(emulator.meter.jobs).toHaveLength(1);
  });

  it.each(['succeeded', 'failed', 'running', 'submitting', 'unknown', 'waiting'] as const)(
    'of a request that was %s never says that it was not started, however soon it is cancelled',
    async (state) => {
      const { clock, images } = setup();
      const original = images.start(lighthouse, { backend: 'models' });
      original.on('warning', () => undefined);
      const snapshot = original.toJSON();
      const jobs = snapshot.jobs.map((job) => ({ ...job, state }));
      const report = await resolution(clock, images.attach({ ...snapshot, jobs }).cancel());
      expect(report.outcome).not.toBe('not-started');
      expect(report.outcome).not.toBe('cancelled');
    },
  );

  it('of an operation that was stopped before anything was sent says that nothing was started', async () => {
    const { clock, images, emulator } = setup();
    const original = images.start(lighthouse, { cancelSignal: AbortSignal.abort() });
    await settle(clock, original.result());
    const error = await rejection(clock, images.attach(original.toJSON()).result());
    expect((error as Error).message).toMatch(/never been started/);
    expect(emulator.meter.requests).toHaveLength(0);
  });

  it('that was taken before anything was sent never says that nothing was', async () => {
    const { clock, images, emulator } = setup();
    const original = images.start(lighthouse);
    const snapshot = original.toJSON();
    expect(snapshot.jobs).toMatchObject([{ state: 'waiting' }]);
    await resolution(clock, original.submitted());
    expect(emulator.meter.running()).toHaveLength(1);
    const attached = images.attach(snapshot);
    expect(await rejection(clock, attached.result())).toMatchObject({ code: 'RESPONSE_LOST' });
    expect(attached.jobs).toMatchObject([{ state: 'unknown' }]);
  });

  it('that was taken before a batch had its name finds it by its display name', async () => {
    const { clock, images, emulator } = setup();
    const original = images.startBatch([{ prompt: 'a' }], { model: lighthouse.model });
    const snapshot = original.toJSON();
    await resolution(clock, original.submitted());
    const attached = images.attach(snapshot);
    expect((await resolution(clock, attached.result())).generatedImages).toHaveLength(1);
    expect(attached.jobs[0]?.name).toBe(original.jobs[0]?.name);
    expect(emulator.meter.requestsTo('batch-create')).toHaveLength(1);
  });

  it('works across hosts of one kind only', () => {
    const gemini = setup();
    const vertex = setup({ vertex: true });
    const snapshot = gemini.images.start(lighthouse).toJSON();
    expect(() => vertex.images.attach(snapshot)).toThrow(/`client.vertexai` to be false/);
    const other = {
      ...vertex.images.start(lighthouse).toJSON(),
      server: { vertexai: true, project: 'a-project', location: 'us' },
    };
    expect(() => vertex.images.attach(other)).toThrow(/`client.location` to be us/);
  });

  it('does nothing after close()', async () => {
    const { images } = setup();
    const snapshot = images.start(lighthouse, { cancelSignal: AbortSignal.abort() }).toJSON();
    await images.close();
    expect(() => images.attach(snapshot)).toThrow(expect.objectContaining({ code: 'CLIENT_CLOSED' }));
  });
});

describe('attach() to a name', () => {
  it('watches and delivers an interaction', async () => {
    const { clock, emulator, images } = setup();
    await resolution(clock, images.start(lighthouse).submitted());
    const operation = images.attach(emulator.meter.jobs[0]?.name ?? '');
    expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(1);
  });

  it('delivers as many images as a batch turns out to have', async () => {
    const { clock, emulator, images } = setup();
    const original = images.startBatch([{ prompt: 'a' }, { prompt: 'b' }], { model: lighthouse.model });
    await resolution(clock, original.submitted());
    const operation = images.attach(emulator.meter.jobs[0]?.name ?? '');
    expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(2);
  });

  it.each<[string, Fault[], string]>([
    ['does not exist', [{ kind: 'status', route: 'get', status: 404 }], 'WATCH_LOST'],
  ])('of a job that %s ends as a lost watch', async (_, faults, code) => {
    const { clock, images } = setup({ emulator: { faults } });
    const operation = images.attach('interactions/nobody-knows-it');
    const warnings: string[] = [];
    operation.on('warning', ({ code, message }) => warnings.push(`${code}: ${message}`));
    await clock.advance(10_000);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^job-denied: The server denies interactions\/nobody-knows-it \(404\): .* The library keeps trying\.$/,
      ),
    ]);
    expect(await rejection(clock, operation.result())).toMatchObject({ code });
  });

  it.each([
    '',
    'interactions/',
    'interactions/..',
    'interactions/.',
    'interactions/a/b',
    'interactions/a?key=b',
    'interactions/a%2Fb',
    'interactions/a b',
    'interactions/a\u0000',
    'batches/..',
    'batches/../models/x',
    'projects/../locations/l/batchPredictionJobs/1',
    'operations/1',
    `interactions/${'x'.repeat(600)}`,
  ])('refuses %j', (name) => {
    const { images } = setup();
    expect(() => images.attach(name)).toThrow(/Expected `name` to be the name of a job/);
  });
});

describe('what is not a snapshot', () => {
  const { images } = setup();
  const good = images.start(lighthouse, { cancelSignal: AbortSignal.abort() }).toJSON();
  const [job] = good.jobs;

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'snapshot'],
    ['null', null, 'snapshot'],
    ['a list', [good], 'snapshot'],
    ['a later version', { ...good, version: 2 }, 'snapshot.version'],
    ['no version', { ...good, version: undefined }, 'snapshot.version'],
    ['an id that is a path', { ...good, id: '../../etc/passwd' }, 'snapshot.id'],
    ['a backend that there is not', { ...good, backend: 'toString' }, 'snapshot.backend'],
    ['a model that is no text', { ...good, model: 7 }, 'snapshot.model'],
    ['no server', { ...good, server: undefined }, 'snapshot.server'],
    ['a server of unknown kind', { ...good, server: { vertexai: 'no' } }, 'snapshot.server.vertexai'],
    ['a moment that is none', { ...good, startedAt: 'yesterday' }, 'snapshot.startedAt'],
    ['jobs that are no list', { ...good, jobs: { length: 1 } }, 'snapshot.jobs'],
    ['too many jobs', { ...good, jobs: Array.from({ length: 100_001 }, () => job) }, 'snapshot.jobs'],
    ['no jobs at all', { ...good, jobs: [] }, 'snapshot.jobs'],
    ['a job that is none', { ...good, jobs: [null] }, 'snapshot.jobs[0]'],
    ['a name that is a path', { ...good, jobs: [{ ...job, name: 'interactions/../x' }] }, 'snapshot.jobs[0].name'],
    ['a name of another backend', { ...good, jobs: [{ ...job, name: 'batches/x' }] }, 'snapshot.jobs[0].name'],
    ['an index below 0', { ...good, jobs: [{ ...job, index: -1 }] }, 'snapshot.jobs[0].index'],
    ['an index that is huge', { ...good, jobs: [{ ...job, index: 1e12 }] }, 'snapshot.jobs[0].index'],
    ['indices that are none', { ...good, jobs: [{ ...job, indices: ['0'] }] }, 'snapshot.jobs[0].indices[0]'],
    ['a state that there is not', { ...good, jobs: [{ ...job, state: 'done' }] }, 'snapshot.jobs[0].state'],
    ['a display name of others', { ...good, jobs: [{ ...job, displayName: 'x' }] }, 'snapshot.jobs[0].displayName'],
  ])('%s is refused, by name, before anything is sent', (_, snapshot, name) => {
    const { images, emulator } = setup();
    expect(() => images.attach(snapshot as never)).toThrow(TypeError);
    expect(() => images.attach(snapshot as never)).toThrow(`\`${name}\``);
    expect(emulator.meter.requests).toHaveLength(0);
  });

  it('more than is known is left out', () => {
    const { images } = setup();
    const sent = { ...good, jobs: good.jobs.map((job) => ({ ...job, state: 'submitting' as const })) };
    const more = JSON.parse(
      JSON.stringify(sent).replace('{', '{"__proto__":{"polluted":1},"extra":1,'),
    ) as OperationSnapshot;
    expect(images.attach(more, { cancelSignal: AbortSignal.abort() }).toJSON()).toEqual(sent);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});
