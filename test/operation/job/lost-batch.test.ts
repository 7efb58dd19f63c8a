import { describe, expect, it } from 'vitest';
import type { Operation } from '../../../src/index.js';
import type { Fault } from '../../../src/testing/index.js';
import { lighthouse, rejection, resolution, setup, WORK_MS, type Setup } from '../../support/setup.js';

const { model } = lighthouse;
const lost: Fault = { kind: 'reset', route: 'batch-create', when: 'after', times: 1 };
const endless: Fault = { kind: 'end', status: 'JOB_STATE_PONDERING' };

interface Started extends Setup {
  readonly operation: Operation;
  readonly warnings: string[];
}

/** Starts a batch of so many images. */
function start(count: number, ...faults: Fault[]): Started {
  const all = setup({ emulator: { faults }, client: { limits: { pollMs: 1_000 } } });
  const requests = Array.from({ length: count }, (_, index) => ({ prompt: `picture ${index}` }));
  const operation = all.images.startBatch(requests, { model });
  const warnings: string[] = [];
  operation.on('warning', ({ code }) => warnings.push(code));
  return { ...all, operation, warnings };
}

/** The one create that may ever be sent. */
function expectOneCreate({ emulator }: Setup): void {
  expect(emulator.meter.requestsTo('batch-create')).toHaveLength(1);
}

describe('a create of a batch whose response was lost', () => {
  it('is found again by its display name, and attached to', async () => {
    const started = start(2, lost);
    const { clock, emulator, operation } = started;
    expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(2);
    expect(operation.jobs[0]?.name).toBe(emulator.meter.jobs.find(({ kind }) => kind === 'batch')?.name);
    expectOneCreate(started);
  });

  it('is found in a list that lags for most of a minute', async () => {
    const started = start(2, lost, { kind: 'list-lag', ms: 45_000 });
    expect((await resolution(started.clock, started.operation.result())).generatedImages).toHaveLength(2);
    expectOneCreate(started);
  });

  it('is found behind many others: the whole list is read', async () => {
    const all = setup({ emulator: { faults: [{ ...lost, skip: 250 }] } });
    const { ai, clock, emulator, images } = all;
    const inlined = [{ contents: 'x', config: {} }];
    const older = Array.from({ length: 250 }, () => ai.batches.create({ model, src: inlined, config: { displayName: 'mine' } })); // prettier-ignore
    await resolution(clock, Promise.all(older));
    // The list begins with the newest.
    const operation = images.startBatch([{ prompt: 'x' }], { model });
    await clock.settle();
    const newer = Array.from({ length: 150 }, () => ai.batches.create({ model, src: inlined, config: { displayName: 'mine' } })); // prettier-ignore
    await resolution(clock, Promise.all([...newer, operation.submitted()]));
    expect(operation.jobs[0]?.name).toBe(
      emulator.meter.jobs.find(({ displayName }) => displayName?.startsWith('genai-cancel-') === true)?.name,
    );
  });

  it.each<Fault>([
    { kind: 'status', route: 'batch-get', status: 404 },
    { kind: 'status', route: 'batch-get', status: 500 },
    { kind: 'hang', route: 'batch-get' },
  ])('keeps its name whatever the next read says: $kind $status', async (fault) => {
    const started = start(2, lost, fault, endless);
    const { clock, emulator, operation } = started;
    await resolution(clock, operation.submitted());
    await clock.advance(60_000);
    const [batch] = emulator.meter.jobs.filter(({ kind }) => kind === 'batch');
    expect(operation.jobs[0]?.name).toBe(batch?.name);
    const report = await resolution(clock, operation.cancel());
    // The cancel goes to that name, although no read can confirm it.
    expect(emulator.meter.requestsTo('batch-cancel')[0]).toMatchObject({ job: batch?.name });
    expect(report).toMatchObject({ outcome: 'unconfirmed', leftovers: [{ name: batch?.name }] });
    expectOneCreate(started);
  });

  it.each<[string, Fault]>([
    ['was never carried out', { ...lost, when: 'before' }],
    ['is not listed within a minute', lost],
  ])('is not sent again where it %s: the error has the display name', async (_, fault) => {
    const started = start(2, fault, { kind: 'list-lag', ms: 600_000 });
    const { clock, emulator, operation } = started;
    const startedAt = clock.now();
    const error = await rejection(clock, operation.result());
    expect(clock.now() - startedAt).toBe(60_000);
    const displayName = operation.jobs[0]?.displayName ?? 'none';
    expect(error).toMatchObject({
      name: 'MayBeRunningError',
      code: 'RESPONSE_LOST',
      message: expect.stringContaining(displayName) as string,
      jobs: [{ index: 0, indices: [0, 1], state: 'unknown', displayName }],
    });
    expect(displayName).toMatch(/^genai-cancel-[0-9a-f]{32}$/);
    expect(operation.state).toBe('abandoned');
    await clock.advance(3_600_000);
    expect(emulator.meter.requestsTo('batch-list')).toHaveLength(7);
    expectOneCreate(started);
  });

  it.each<Fault>([
    { kind: 'status', route: 'batch-list', status: 500 },
    { kind: 'hang', route: 'batch-list' },
  ])('is not sent again where the list cannot be read either: $kind', async (fault) => {
    const started = start(2, lost, fault);
    const error = await rejection(started.clock, started.operation.result());
    expect(error).toMatchObject({ code: 'RESPONSE_LOST' });
    expect((error as Error).message).toMatch(/display name genai-cancel-[0-9a-f]{32}/);
    await started.clock.advance(3_600_000);
    expectOneCreate(started);
  });

  it('is cancelled when it is found after a cancel', async () => {
    const started = start(20, lost, { kind: 'list-lag', ms: 2_500 });
    const { clock, emulator, operation } = started;
    await clock.advance(500);
    const report = await resolution(clock, operation.cancel());
    expect(['cancelled', 'partially-cancelled']).toContain(report.outcome);
    expect(report.jobs).toMatchObject([{ cancelRequests: 1 }]);
    await clock.advance(120_000);
    expect(emulator.meter.running()).toEqual([]);
    expectOneCreate(started);
  });
});

describe('a create of a batch that is not answered', () => {
  const unanswered: Fault = { kind: 'hang', route: 'batch-create', when: 'after' };

  it('within submitMs is looked for, and attached to', async () => {
    const started = start(2, unanswered);
    const { clock, operation } = started;
    const startedAt = clock.now();
    await resolution(clock, operation.submitted());
    expect(clock.now() - startedAt).toBe(120_000);
    expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(2);
    expectOneCreate(started);
  });

  it('and was never carried out ends as a lost response, with the display name', async () => {
    const started = start(1, { ...unanswered, when: 'before' });
    const error = await rejection(started.clock, started.operation.result());
    expect(error).toMatchObject({
      code: 'RESPONSE_LOST',
      message: expect.stringMatching(/\(no answer within 120000 ms\).* display name genai-cancel-/) as string,
    });
    expectOneCreate(started);
  });

  it('when a cancel comes is looked for soon, and cancelled within the budget', async () => {
    const started = start(20, unanswered);
    const { clock, emulator, operation } = started;
    await clock.advance(1_000);
    const report = await resolution(clock, operation.cancel());
    expect(report).toMatchObject({ outcome: 'cancelled', jobs: [{ cancelRequests: 1 }], leftovers: [] });
    expect(report.settledAt - report.requestedAt).toBeLessThan(4_000);
    expect(emulator.meter.running()).toEqual([]);
    expectOneCreate(started);
  });

  it('and is answered while it is looked for is that job', async () => {
    const started = start(2, { kind: 'delay', route: 'batch-create', ms: 125_000 }, { kind: 'list-lag', ms: 600_000 });
    const { clock, emulator, operation, warnings } = started;
    await resolution(clock, operation.submitted());
    expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(2);
    const lists = emulator.meter.requestsTo('batch-list').length;
    await clock.advance(600_000);
    expect([warnings, emulator.meter.requestsTo('batch-list').length]).toEqual([[], lists]);
    expect(emulator.meter.requestsTo('batch-cancel')).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
    expectOneCreate(started);
  });

  it('and is answered after it was found changes nothing', async () => {
    const started = start(2, { kind: 'delay', route: 'batch-create', ms: 125_000 });
    const { clock, emulator, operation, warnings } = started;
    expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(2);
    await clock.advance(600_000);
    expect([warnings, emulator.meter.requestsTo('batch-cancel')]).toEqual([[], []]);
    expectOneCreate(started);
  });

  it('and is answered after the operation has settled is cancelled, with a warning of what it has made', async () => {
    const started = start(2, { kind: 'delay', route: 'batch-create', ms: 300_000 }, { kind: 'list-lag', ms: 600_000 }, endless); // prettier-ignore
    const { clock, emulator, operation, warnings } = started;
    expect(await rejection(clock, operation.result())).toMatchObject({ code: 'RESPONSE_LOST' });
    await clock.advance(300_000);
    expect(warnings).toEqual(['image-not-handed-over']);
    expect(emulator.meter.jobs.filter(({ kind }) => kind === 'batch')).toMatchObject([{ endReason: 'cancelled' }]);
    expectOneCreate(started);
  });
});

describe('several batches with the display name of one create', () => {
  /** The create is carried out twice, as by a proxy that sends it again. */
  async function startTwice(count: number, ...faults: Fault[]): Promise<Started> {
    const started = start(count, lost, ...faults);
    const { ai, clock, emulator } = started;
    await clock.advance(100);
    const { displayName = 'none' } = emulator.meter.jobs.find(({ kind }) => kind === 'batch') ?? {};
    const src = Array.from({ length: count }, () => ({ contents: 'x', config: {} }));
    await resolution(clock, ai.batches.create({ model, src, config: { displayName } }));
    return started;
  }

  const batchesIn = ({ emulator }: Setup) => emulator.meter.jobs.filter(({ kind }) => kind === 'batch');

  it('leave the first one; the other is cancelled, with a warning', async () => {
    const started = await startTwice(3, { kind: 'list-lag', ms: 500 });
    const { clock, operation, warnings } = started;
    expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(3);
    const [first, second] = batchesIn(started);
    expect(operation.jobs[0]?.name).toBe(first?.name);
    expect(second).toMatchObject({ endReason: 'cancelled' });
    expect(second?.gpuMs).toBeLessThan(2 * WORK_MS);
    expect(warnings).toEqual(['duplicate-job']);
  });

  it('are both cancelled by a cancel', async () => {
    const started = await startTwice(20, { kind: 'list-lag', ms: 500 });
    const { clock, operation } = started;
    await clock.advance(500);
    const report = await resolution(clock, operation.cancel());
    expect(report).toMatchObject({ outcome: 'cancelled', leftovers: [], jobs: [{ cancelRequests: 1 }] });
    expect(batchesIn(started).map(({ endReason }) => endReason)).toEqual(['cancelled', 'cancelled']);
  });

  it('make a report unconfirmed as long as the cancel of one is not confirmed', async () => {
    const started = await startTwice(
      20,
      { kind: 'list-lag', ms: 500 },
      { kind: 'status', route: 'batch-cancel', status: 403, job: 1 },
    );
    const { clock, operation, warnings } = started;
    await clock.advance(1_500);
    const [kept, other] = batchesIn(started);
    const report = await resolution(clock, operation.cancel());
    expect(report).toMatchObject({
      outcome: 'unconfirmed',
      jobs: [{ name: kept?.name }],
      counts: { cancelled: 20, running: 0 },
      leftovers: [{ name: other?.name, howToCancel: `npx --no genai-cancel cancel ${other?.name ?? ''}` }],
    });
    expect(operation.state).toBe('abandoned');
    await clock.advance(8_000);
    expect(warnings).toEqual(['duplicate-job']);
  });

  it('are told, and what the other has made is delivered beside the images of the kept one', async () => {
    const started = await startTwice(
      1,
      { kind: 'list-lag', ms: 500 },
      { kind: 'cancel-ignored', route: 'batch-cancel' },
    );
    const { clock, operation } = started;
    const messages: string[] = [];
    const indices: number[] = [];
    operation.on('warning', ({ message }) => messages.push(message));
    operation.on('image', ({ index }) => indices.push(index));
    await resolution(clock, operation.result());
    await clock.advance(8_000);
    expect(messages).toEqual([
      expect.stringMatching(/^batches.* is kept; the other has the status JOB_STATE_SUCCEEDED, and the images that it/),
      'There are more images than were asked for. They have the indices 1.',
    ]);
    expect(indices.sort()).toEqual([0, 1]);
  });
});
