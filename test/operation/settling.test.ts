import { describe, expect, it } from 'vitest';
import type { Operation, OperationState } from '../../src/index.js';
import type { Fault } from '../../src/testing/index.js';
import { lighthouse, resolution, settle, setup, type Setup } from '../support/setup.js';
import { afterRows, setupVertex } from '../google/batches/vertex-setup.js';

const endless: Fault = { kind: 'end', status: 'pondering' };
const rejected: Fault = { kind: 'status', route: 'create', status: 400, message: 'No such size.', times: 1 };
const lost: Fault = { kind: 'reset', route: 'create', when: 'after', times: 1 };
/** The job of this index cannot be watched, and never ends. */
const unwatched = (job: number): readonly Fault[] => [
  { kind: 'status', route: 'stream', status: 404, job },
  { kind: 'status', route: 'get', status: 403, job },
  { ...endless, job },
];
/** The job of this index is cancelled on the server, but not from here. */
const cancelledElsewhere = (job: number): Fault => ({ kind: 'end', status: 'cancelled', job });

interface Started extends Setup {
  readonly operation: Operation;
  readonly warnings: string[];
}

function start(images: number, faults: readonly Fault[]): Started {
  const all = setup({ emulator: { faults } });
  const config = { numberOfImages: images };
  const operation = all.images.start({ ...lighthouse, config }, { limits: { watchMs: 20_000 } });
  const warnings: string[] = [];
  operation.on('warning', ({ code }) => warnings.push(code));
  return { ...all, operation, warnings };
}

interface Row {
  readonly jobs: string;
  readonly images: number;
  readonly faults: readonly Fault[];
  readonly state: OperationState;
  /** The code of the error; left out where `result()` resolves. */
  readonly code?: string;
  /** The number of images in the response. */
  readonly made?: number;
  /** Per job the code of its own error, if it has one. */
  readonly errors: readonly (string | undefined)[];
  readonly warnings: readonly string[];
}

describe('settling without a trigger (A4)', () => {
  it.each<Row>([
    {
      jobs: 'all made',
      images: 2,
      faults: [],
      state: 'succeeded',
      made: 2,
      errors: [undefined, undefined],
      warnings: [],
    },
    {
      jobs: 'one refused by the model',
      images: 1,
      faults: [{ kind: 'refuse', text: 'No.' }],
      state: 'succeeded',
      made: 0,
      errors: [undefined],
      warnings: [],
    },
    {
      jobs: 'one made, one failed, one rejected, one lost, one unwatched',
      images: 5,
      faults: [rejected, lost, { kind: 'fail', job: 1 }, ...unwatched(2)],
      state: 'succeeded',
      made: 1,
      errors: ['REJECTED', 'RESPONSE_LOST', 'FAILED', 'WATCH_LOST', undefined],
      warnings: ['job-failed', 'job-failed', 'job-failed', 'status-unreadable', 'job-failed'],
    },
    {
      jobs: 'one unknown beside one that failed',
      images: 2,
      faults: [lost, { kind: 'fail', job: 1 }],
      state: 'abandoned',
      code: 'RESPONSE_LOST',
      errors: ['RESPONSE_LOST', 'FAILED'],
      warnings: ['job-failed', 'job-failed'],
    },
    {
      jobs: 'one that cannot be watched',
      images: 1,
      faults: unwatched(0),
      state: 'abandoned',
      code: 'WATCH_LOST',
      errors: ['WATCH_LOST'],
      warnings: ['status-unreadable'],
    },
    {
      jobs: 'one failed beside one rejected',
      images: 2,
      faults: [rejected, { kind: 'fail', job: 0 }],
      state: 'failed',
      code: 'FAILED',
      errors: ['REJECTED', 'FAILED'],
      warnings: ['job-failed', 'job-failed'],
    },
    {
      jobs: 'one cancelled by somebody else',
      images: 1,
      faults: [cancelledElsewhere(0)],
      state: 'failed',
      code: 'FAILED',
      errors: ['FAILED'],
      warnings: [],
    },
    {
      jobs: 'one cancelled by somebody else beside one made',
      images: 2,
      faults: [cancelledElsewhere(0)],
      state: 'succeeded',
      made: 1,
      errors: ['FAILED', undefined],
      warnings: ['job-failed'],
    },
    {
      jobs: 'none started',
      images: 2,
      faults: [{ ...rejected, times: 2 }],
      state: 'failed',
      code: 'REJECTED',
      errors: ['REJECTED', 'REJECTED'],
      warnings: ['job-failed', 'job-failed'],
    },
  ])('$jobs: $state', async ({ images, faults, state, code, made, errors, warnings }) => {
    const started = start(images, faults);
    const { clock, operation } = started;
    const result = await settle(clock, operation.result());
    expect(operation.state).toBe(state);
    expect(result.status).toBe(state === 'succeeded' ? 'fulfilled' : 'rejected');
    if (result.status === 'fulfilled') {
      expect(result.value.generatedImages.filter(({ image }) => image !== undefined)).toHaveLength(made ?? -1);
    } else {
      expect(result.reason).toMatchObject({ code });
      expect((result.reason as { jobs: unknown[] }).jobs).toHaveLength(images);
    }
    expect(operation.jobs.map(({ error }) => (error as { code?: string } | undefined)?.code)).toEqual(errors);
    expect([...started.warnings].sort()).toEqual([...warnings].sort());
  });

  it('an image that cannot be read: failed', async () => {
    const { clock, startRows } = setupVertex();
    const bucket = (): never => {
      throw Object.assign(new Error('No.'), { code: 403 });
    };
    const operation = startRows(1, { storage: { bucket } });
    const result = await settle(clock, operation.result());
    expect(result).toMatchObject({ reason: { code: 'RESULT_UNREADABLE', jobs: [{ state: 'succeeded' }] } });
    expect(operation.state).toBe('failed');
  });

  it('images that are known to lie where the results are: succeeded', async () => {
    const { clock, startRows } = setupVertex();
    const operation = startRows(2, { storage: undefined });
    operation.on('warning', () => undefined);
    expect(await resolution(clock, operation.result())).toEqual({ generatedImages: [] });
    expect(operation).toMatchObject({
      state: 'succeeded',
      jobs: [{ results: expect.stringMatching(/^gs:/) as string }],
    });
  });
});

describe('settling after a trigger (A5)', () => {
  it.each<[string, number, readonly Fault[], number, OperationState, string]>([
    ['confirmed', 2, [], 1_000, 'cancelled', 'cancelled'],
    ['nothing was sent', 2, [], 0, 'cancelled', 'not-started'],
    [
      'rejected',
      1,
      [{ kind: 'delay', route: 'create', ms: 500, when: 'before' }, rejected],
      100,
      'cancelled',
      'not-started',
    ],
    ['one was made before', 2, [{ ...endless, job: 1 }], 5_000, 'cancelled', 'partially-cancelled'],
    [
      'the cancel lost the race',
      1,
      [{ kind: 'cancel-ignored', route: 'cancel' }],
      1_000,
      'cancelled',
      'completed-anyway',
    ],
    [
      'it fails by itself',
      1,
      [{ kind: 'cancel-ignored', route: 'cancel' }, { kind: 'fail' }],
      1_000,
      'cancelled',
      'failed-anyway',
    ],
    ['not confirmed', 1, unwatched(0), 1_000, 'abandoned', 'unconfirmed'],
    ['the response was lost', 2, [lost], 1_000, 'abandoned', 'unconfirmed'],
  ])('%s', async (_, images, faults, afterMs, state, outcome) => {
    const { clock, operation } = start(images, faults);
    if (afterMs > 0) await clock.advance(afterMs);
    const report = await resolution(clock, operation.cancel('enough'));
    expect([operation.state, report.outcome]).toEqual([state, outcome]);
    const { made, cancelled, failed, running, notSent } = report.counts;
    expect(made + cancelled + failed + running + notSent).toBe(images);
    expect(state === 'cancelled').toBe(running === 0);
    // Whatever came of it, result() rejects.
    expect(await settle(clock, operation.result())).toMatchObject({
      reason: { name: 'AbortError', code: 'ABORT_ERR', cause: 'enough', report },
    });
    await clock.advance(60_000);
    expect(operation.state).toBe(state);
  });

  it('a request that cannot be cancelled: abandoned', async () => {
    const { clock, images } = setup();
    const operation = images.start(lighthouse, { backend: 'models' });
    operation.on('warning', () => undefined);
    await clock.advance(1_000);
    expect(await resolution(clock, operation.cancel())).toMatchObject({
      outcome: 'not-cancelable',
      counts: { made: 0, cancelled: 0, failed: 0, running: 1, notSent: 0 },
    });
    expect(operation.state).toBe('abandoned');
  });

  it('images that are still being fetched: their end is known', async () => {
    const { clock, storage, startRows } = setupVertex();
    const bucket = { ...storage.bucket('results'), getFiles: () => new Promise<never>(() => undefined) };
    const operation = startRows(3, { storage: { bucket: () => bucket } });
    operation.on('warning', () => undefined);
    await clock.advance(afterRows(2));
    expect(await resolution(clock, operation.cancel())).toMatchObject({
      outcome: 'partially-cancelled',
      counts: { made: 2, cancelled: 1, running: 0 },
    });
    expect(operation.state).toBe('cancelled');
  });
});
