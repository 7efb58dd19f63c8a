import { describe, expect, test } from 'vitest';
import { errorOf, MODEL } from '../helpers.js';
import { COLLECTION, nameOf, setUpVertex } from './helpers.js';

describe('cancel', () => {
  test('in the queue: nothing runs, nothing is exported', async () => {
    const { ai, clock, createJob, emulator, resource } = setUpVertex();
    const name = nameOf(await createJob(3));
    await ai.batches.cancel({ name });
    await clock.advance(60_000);
    const job = await resource(name);
    expect(job).toMatchObject({ state: 'JOB_STATE_CANCELLED', error: { code: 1 } });
    expect(job).not.toHaveProperty('outputInfo');
    expect(emulator.bucket.list('gs://b/out')).toEqual([]);
    expect(emulator.meter.jobs[0]).toMatchObject({ gpuMs: 0, items: { cancelled: 3 } });
  });

  test('after 2 of 5: cancelled, the 2 completed rows are exported, the GPU stops', async () => {
    const { ai, clock, createJob, emulator, rows } = setUpVertex({ batchQueueMs: 0 });
    const name = nameOf(await createJob(5));
    await clock.advance(9000);
    await ai.batches.cancel({ name });
    expect(await ai.batches.get({ name })).toMatchObject({
      state: 'JOB_STATE_CANCELLED',
      outputInfo: { gcsOutputDirectory: expect.stringContaining('gs://b/out/prediction-model-') as string },
      completionStats: { successfulCount: '2', incompleteCount: '3' },
    });
    expect((await rows()).map(({ key }) => key)).toEqual(['0', '1']);
    await clock.advance(60_000);
    expect(emulator.meter.jobs[0]).toMatchObject({
      gpuMs: 9000,
      status: 'JOB_STATE_CANCELLED',
      endReason: 'cancelled',
      items: { total: 5, completed: 2, cancelled: 3, failed: 0 },
    });
  });

  test.each([{}, { cancelAfterEnd: 200 as const }])('a second time: 400, whatever is set (%o)', async (options) => {
    const { ai, createJob, send } = setUpVertex(options);
    const name = nameOf(await createJob(1));
    await ai.batches.cancel({ name });
    expect(await errorOf(await send('POST', `/${name}:cancel`))).toMatchObject({
      http: 400,
      status: 'FAILED_PRECONDITION',
    });
  });

  test('cancel-lag: JOB_STATE_CANCELLING until it takes effect; a second one is refused already', async () => {
    const { ai, clock, createJob, emulator, resource, rows } = setUpVertex({
      faults: [{ kind: 'cancel-lag', ms: 6000 }],
    });
    const name = nameOf(await createJob(3));
    await ai.batches.cancel({ name });
    expect(await resource(name)).toMatchObject({ state: 'JOB_STATE_CANCELLING' });
    await clock.advance(5999);
    expect(await resource(name)).toMatchObject({ state: 'JOB_STATE_CANCELLING' });
    await expect(ai.batches.cancel({ name })).rejects.toMatchObject({ status: 400 });
    await clock.advance(1);
    expect(await resource(name)).toMatchObject({ state: 'JOB_STATE_CANCELLED' });
    expect(await rows()).toHaveLength(1);
    expect(emulator.meter.jobs[0]).toMatchObject({ gpuMs: 5000 });
  });

  test('cancel-ignored has been sent all the same: a second one is refused', async () => {
    const { ai, clock, createJob, emulator } = setUpVertex({ faults: [{ kind: 'cancel-ignored', times: 1 }] });
    const name = nameOf(await createJob(1));
    await ai.batches.cancel({ name });
    await expect(ai.batches.cancel({ name })).rejects.toMatchObject({ status: 400 });
    await clock.advance(5000);
    expect(emulator.meter.jobs[0]).toMatchObject({ endReason: 'completed', cancelRequestedAt: undefined });
  });

  test.each([
    ['before', 200],
    ['after', 400],
  ] as const)('a cancel lost %s its effect: the second one answers %i', async (when, status) => {
    const { ai, createJob, emulator, send } = setUpVertex({
      faults: [{ kind: 'reset', when, times: 1, route: 'batch-cancel' }],
    });
    const name = nameOf(await createJob(1));
    await expect(ai.batches.cancel({ name })).rejects.toThrow();
    expect((await send('POST', `/${name}:cancel`)).status).toBe(status);
    expect(emulator.meter.jobs[0]).toMatchObject({ endReason: 'cancelled' });
  });

  test('after the end: as set', async () => {
    const { ai, clock, createJob } = setUpVertex({ cancelAfterEnd: 404 });
    const name = nameOf(await createJob(1));
    await clock.advance(5000);
    await expect(ai.batches.cancel({ name })).rejects.toMatchObject({ status: 404 });
  });
});

test('delete: only of a job that has ended', async () => {
  const { ai, clock, createJob, emulator } = setUpVertex();
  const name = nameOf(await createJob(1));
  await expect(ai.batches.delete({ name })).rejects.toMatchObject({ status: 400 });
  await clock.advance(5000);
  const operation = expect.stringContaining('/operations/') as string;
  expect(await ai.batches.delete({ name })).toMatchObject({ done: true, name: operation });
  await expect(ai.batches.get({ name })).rejects.toMatchObject({ status: 404 });
  expect(emulator.meter.jobs[0]?.deleted).toBe(true);
});

describe('list', () => {
  const names = async (parts: ReturnType<typeof setUpVertex>, filter?: string) => {
    const pager = await parts.ai.batches.list({ config: { pageSize: 2, ...(filter !== undefined && { filter }) } });
    const found: (string | undefined)[] = [];
    for await (const { displayName } of pager) found.push(displayName);
    return found;
  };

  test('in pages, filtered, of its project and location only', async () => {
    const parts = setUpVertex();
    for (const name of ['a', 'b', 'c']) await parts.createJob(1, name);
    expect(await names(parts)).toEqual(['c', 'b', 'a']);
    expect(await names(parts, 'displayName="b"')).toEqual(['b']);
    expect(await names(parts, 'display_name!=b AND state="JOB_STATE_PENDING"')).toEqual(['c', 'a']);
    expect(await names(parts, 'state=JOB_STATE_RUNNING')).toEqual([]);
    await expect(names(parts, 'labels.x:y')).rejects.toMatchObject({ status: 400 });
    const other = await parts.send('GET', '/projects/p/locations/global/batchPredictionJobs');
    expect(await other.json()).toEqual({ batchPredictionJobs: [] });
    expect(await (await parts.send('GET', '/batches')).json()).toEqual({ operations: [] });
  });

  test('list-lag', async () => {
    const parts = setUpVertex({ faults: [{ kind: 'list-lag', ms: 500 }] });
    await parts.createJob(1, 'a');
    await parts.clock.advance(499);
    expect(await names(parts)).toEqual([]);
    await parts.clock.advance(1);
    expect(await names(parts)).toEqual(['a']);
  });
});

describe('create refuses', () => {
  const valid = {
    displayName: 'd',
    model: `publishers/google/models/${MODEL}`,
    inputConfig: { instancesFormat: 'jsonl', gcsSource: { uris: ['gs://b/in.jsonl'] } },
    outputConfig: { predictionsFormat: 'jsonl', gcsDestination: { outputUriPrefix: 'gs://b/out' } },
  };
  test.each([
    ['no name', { displayName: undefined }],
    ['no model', { model: MODEL }],
    ['inlined requests', { inputConfig: { requests: { requests: [] } } }],
    ['no source', { inputConfig: undefined }],
    ['a source that is neither', { inputConfig: { gcsSource: { uris: ['/in.jsonl'] } } }],
    ['a source that is one only in part', { inputConfig: { gcsSource: { uris: ['gs://b/in.jsonl', 7] } } }],
    ['a table elsewhere', { inputConfig: { bigquerySource: { inputUri: 'gs://b' } } }],
    ['no destination', { outputConfig: {} }],
    ['a destination that is none', { outputConfig: { bigqueryDestination: { outputUri: 'x' } } }],
    ['an unknown field', { batch: {} }],
    ['an unknown field of the output', { outputConfig: { ...valid.outputConfig, x: 1 } }],
  ])('%s', async (_, fields) => {
    const { emulator, send } = setUpVertex();
    expect((await send('POST', `/${COLLECTION}`, valid)).status).toBe(200);
    expect(await errorOf(await send('POST', `/${COLLECTION}`, { ...valid, ...fields }))).toMatchObject({ http: 400 });
    expect(emulator.meter.jobs).toHaveLength(1);
  });
});

test('the SDK itself refuses inlined requests on Vertex, unsent', async () => {
  const { ai, emulator } = setUpVertex();
  await expect(ai.batches.create({ model: MODEL, src: [{ contents: 'x' }] })).rejects.toThrow();
  expect(emulator.meter.requests).toEqual([]);
});

test('faults fit the short name of the model', async () => {
  const { createJob } = setUpVertex({ faults: [{ kind: 'status', status: 429, model: MODEL }] });
  await expect(createJob(1)).rejects.toMatchObject({ status: 429 });
});
