import { describe, expect, it } from 'vitest';
import { VertexBatchesBackend } from '../../../src/google/batches/batches-backend.js';
import type { Fault } from '../../../src/testing/index.js';
import { lighthouse, rejection, resolution, WORK_MS } from '../../support/setup.js';
import { afterRows, BATCH_QUEUE_MS, DESTINATION, setupVertex, SOURCE, warningsOf } from './vertex-setup.js';

const { model } = lighthouse;
const NAME = /^projects\/a-project\/locations\/global\/batchPredictionJobs\/\d+$/;

describe('a batch on Vertex', () => {
  it('makes an image of each row, and reads them from Cloud Storage', async () => {
    const { clock, emulator, storage, startRows } = setupVertex();
    const operation = startRows(5);
    const indices: number[] = [];
    operation.on('image', ({ index }) => indices.push(index));
    const warnings = warningsOf(operation);
    expect(operation.cancelable).toBe(true);
    await resolution(clock, operation.submitted());
    expect(operation.jobs[0]).not.toHaveProperty('indices');
    const { generatedImages } = await resolution(clock, operation.result());
    expect(generatedImages).toHaveLength(5);
    expect(new Set(generatedImages.map(({ image }) => image?.imageBytes)).size).toBe(5);
    expect(indices).toEqual([0, 1, 2, 3, 4]);
    expect(operation.state).toBe('succeeded');
    expect(operation.jobs).toMatchObject([
      { name: expect.stringMatching(NAME) as string, backend: 'batches', indices, lastStatus: 'JOB_STATE_SUCCEEDED' },
    ]);
    const folder = operation.jobs[0]?.results ?? '';
    expect(folder).toMatch(/^gs:\/\/results\/out\/prediction-/);
    expect(storage.calls).toEqual([`list ${folder}/predictions`, `read ${folder}/predictions.jsonl`]);
    expect(warnings).toEqual([]);
    expect(emulator.meter.requestsTo('batch-create')).toMatchObject([
      {
        path: '/v1beta1/projects/a-project/locations/global/batchPredictionJobs',
        body: {
          displayName: expect.stringMatching(/^genai-cancel-[0-9a-f]{32}$/) as string,
          inputConfig: { gcsSource: { uris: [SOURCE] } },
          outputConfig: { gcsDestination: { outputUriPrefix: DESTINATION } },
        },
      },
    ]);
  });

  it('tells how far it is while it runs', async () => {
    const { clock, startRows } = setupVertex();
    const operation = startRows(3);
    const progress: unknown[] = [];
    operation.on('progress', ({ completed, total }) => progress.push([completed, total]));
    await resolution(clock, operation.result());
    expect(progress).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
      [3, 3],
    ]);
  });

  it('that is cancelled after its watch was lost may still make each of its rows', async () => {
    const faults: readonly Fault[] = [
      { kind: 'hang', route: 'batch-get', skip: 4 },
      { kind: 'status', route: 'batch-cancel', status: 404 },
    ];
    const { clock, startRows } = setupVertex({ faults, workMs: 600_000 });
    const operation = startRows(5, { limits: { watchMs: 20_000 } });
    warningsOf(operation);
    await rejection(clock, operation.result());
    expect(operation.state).toBe('abandoned');
    const report = await resolution(clock, operation.cancel());
    expect(report).toMatchObject({ outcome: 'unconfirmed', counts: { running: 5 } });
  });

  it('cancelled after 2 rows keeps their images, sends one cancel, and quotes what is charged', async () => {
    const { clock, emulator, startRows } = setupVertex();
    const operation = startRows(5);
    await clock.advance(afterRows(2));
    const report = await resolution(clock, operation.cancel());
    expect(report).toMatchObject({
      outcome: 'partially-cancelled',
      billing: {
        expectation: 'completed-only',
        basis: expect.stringContaining('You are only charged for completed inferences.') as string,
        source: expect.stringContaining('Vertex') as string,
      },
      jobs: [{ cancelRequests: 1, lastStatus: 'JOB_STATE_CANCELLED', indices: [0, 1, 2, 3, 4] }],
      leftovers: [],
    });
    expect(report.response?.generatedImages).toHaveLength(2);
    expect(operation.state).toBe('cancelled');
    await clock.advance(60_000);
    expect(emulator.meter.requestsTo('batch-cancel')).toHaveLength(1);
    expect(emulator.meter.gpuMs()).toBeLessThan(3 * WORK_MS);
  });

  it('cancelled before it began was cancelled, and reads nothing', async () => {
    const { clock, emulator, storage, startRows } = setupVertex();
    const operation = startRows(5);
    await clock.advance(BATCH_QUEUE_MS / 2);
    const report = await resolution(clock, operation.cancel());
    expect(report).toMatchObject({ outcome: 'cancelled', billing: { expectation: 'completed-only' } });
    expect(report).not.toHaveProperty('response');
    expect(storage.calls).toEqual([]);
    expect(emulator.meter.gpuMs()).toBe(0);
  });

  it('that takes its time to stop is not asked twice', async () => {
    const { clock, emulator, startRows } = setupVertex({ faults: [{ kind: 'cancel-lag', ms: 5_500 }] });
    const operation = startRows(5);
    await clock.advance(afterRows(0));
    const report = await resolution(clock, operation.cancel());
    expect(report).toMatchObject({ outcome: 'partially-cancelled', jobs: [{ cancelRequests: 1 }] });
    expect(emulator.meter.requestsTo('batch-cancel')).toHaveLength(1);
  });

  it('is asked again if the answer was lost, until the server says that it has been', async () => {
    const lost: Fault = { kind: 'reset', route: 'batch-cancel', when: 'after', times: 1 };
    const { clock, emulator, startRows } = setupVertex({ faults: [lost, { kind: 'cancel-lag', ms: 5_000 }] });
    const operation = startRows(5);
    await clock.advance(afterRows(0));
    const report = await resolution(clock, operation.cancel());
    expect(report).toMatchObject({ outcome: 'partially-cancelled', jobs: [{ cancelRequests: 2 }] });
    expect(emulator.meter.requestsTo('batch-cancel').map(({ status }) => status)).toEqual([undefined, 400]);
  });

  it('that completed first is completed anyway, and charged in full', async () => {
    const { clock, startRows } = setupVertex({ faults: [{ kind: 'cancel-ignored', route: 'batch-cancel' }] });
    const operation = startRows(1);
    await clock.advance(afterRows(0));
    const report = await resolution(clock, operation.cancel());
    expect(report).toMatchObject({ outcome: 'completed-anyway', billing: { expectation: 'full' } });
    expect(report.response?.generatedImages).toHaveLength(1);
  });

  it('whose create was lost is found by its display name', async () => {
    const { clock, emulator, startRows } = setupVertex({
      faults: [{ kind: 'reset', route: 'batch-create', when: 'after', times: 1 }],
    });
    const operation = startRows(2);
    expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(2);
    expect(emulator.meter.requestsTo('batch-create')).toHaveLength(1);
    expect(operation.jobs[0]?.name).toBe(emulator.meter.jobs[0]?.name);
    const [list] = emulator.meter.requestsTo('batch-list');
    expect(list?.query['filter']).toMatch(/^display_name="genai-cancel-[0-9a-f]{32}"$/);
  });

  it.each([3, 8])(
    'whose create made two: the look has read its %i rows, and nothing later can be read',
    async (rows) => {
      const faults: readonly Fault[] = [
        { kind: 'reset', route: 'batch-create', when: 'after', times: 1 },
        { kind: 'list-lag', ms: 1_500 },
        { kind: 'garbage', route: 'batch-get', skip: 2 },
      ];
      const { ai, clock, emulator, startRows } = setupVertex({ faults, batchQueueMs: 0, workMs: 600_000 });
      const operation = startRows(rows);
      warningsOf(operation);
      operation.result().catch(() => undefined);
      await clock.advance(100);
      const displayName = emulator.meter.jobs[0]?.displayName ?? 'none';
      await resolution(clock, ai.batches.create({ model, src: SOURCE, config: { displayName, dest: DESTINATION } }));
      await resolution(clock, operation.submitted());
      expect(operation.jobs[0]).toMatchObject({ name: emulator.meter.jobs[0]?.name, state: 'running' });
      const report = await resolution(clock, operation.cancel());
      expect(report).toMatchObject({ outcome: 'unconfirmed', counts: { running: rows } });
      expect(report.leftovers.map(({ name }) => name)).toEqual(emulator.meter.jobs.map(({ name }) => name));
    },
  );
});

describe('a batch on Vertex that ends badly', () => {
  it('keeps the rows that were done when it expired', async () => {
    const expiry: Fault = { kind: 'expire', afterMs: afterRows(2) };
    const { clock, startRows } = setupVertex({ faults: [expiry] });
    const operation = startRows(4);
    const messages: string[] = [];
    operation.on('warning', ({ message }) => messages.push(message));
    expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(2);
    expect(messages).toEqual(['Images 2, 3: The batch expired before it was done.']);
  });

  it('is an error with the words of the server where nothing was made', async () => {
    const { clock, images } = setupVertex();
    const operation = images.startBatch('gs://requests/none.jsonl', { model, destination: DESTINATION });
    const error = await rejection(clock, operation.result());
    expect(error).toMatchObject({ code: 'FAILED', jobs: [{ lastStatus: 'JOB_STATE_FAILED' }] });
    expect((error as Error).message).toContain('gs://requests/none.jsonl was not found');
  });
});

describe('the cancel call for the exit of the process', () => {
  it('goes to the full name of the job, with the credentials', async () => {
    const { ai, clock, emulator, startRows } = setupVertex();
    const operation = startRows(2);
    await resolution(clock, operation.submitted());
    const name = operation.jobs[0]?.name ?? '';
    const template = await new VertexBatchesBackend(ai, 'a-model').prepareCancel();
    const { url, method, headers } = template?.(name) ?? { url: '', method: 'POST', headers: {} };
    expect(url).toMatch(new RegExp(`^https://aiplatform.googleapis.com/v1beta1/${name}:cancel$`));
    expect(await emulator.fetch(url, { method, headers })).toHaveProperty('status', 200);
    expect(emulator.meter.requestsTo('batch-cancel')).toMatchObject([{ job: name, authorized: true }]);
  });
});
