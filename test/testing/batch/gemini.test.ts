import { expect, test } from 'vitest';
import { tagOf } from '../image-tag.js';
import { MODEL } from '../helpers.js';
import { inlined, kinds, nameOf, setUpBatches } from './helpers.js';

// SDK 2 speaks v1beta, SDK 3 v1.
const MODEL_PATH = new RegExp(`^/v1(beta)?/models/${MODEL}:batchGenerateContent$`);

test('pending, running, succeeded: by the clock, and metered to the millisecond', async () => {
  const { ai, clock, emulator, operation } = setUpBatches();
  const start = clock.now();
  const created = await ai.batches.create({ model: MODEL, src: inlined(3), config: { displayName: 'foxes' } });
  expect(created).toMatchObject({
    name: expect.stringMatching(/^batches\/[a-z0-9]{40}$/) as string,
    displayName: 'foxes',
    state: 'JOB_STATE_PENDING',
    model: `models/${MODEL}`,
    createTime: '2026-11-01T00:00:00.000Z',
  });
  const name = nameOf(created);
  expect(emulator.meter.requestsTo('batch-create')).toMatchObject([
    { path: expect.stringMatching(MODEL_PATH) as string, job: name, status: 200 },
  ]);
  await clock.advance(999);
  expect(await operation(name)).toEqual({
    name,
    metadata: {
      '@type': 'type.googleapis.com/google.ai.generativelanguage.v1main.GenerateContentBatch',
      name,
      model: `models/${MODEL}`,
      displayName: 'foxes',
      state: 'BATCH_STATE_PENDING',
      createTime: '2026-11-01T00:00:00.000Z',
      updateTime: '2026-11-01T00:00:00.000Z',
      batchStats: { requestCount: '3', pendingRequestCount: '3' },
    },
  });
  await clock.advance(1);
  expect(await ai.batches.get({ name })).toMatchObject({ state: 'JOB_STATE_RUNNING' });
  await clock.advance(5500);
  const running = await operation(name);
  expect(running).not.toHaveProperty('done');
  expect(running.metadata).toMatchObject({
    state: 'BATCH_STATE_RUNNING',
    updateTime: '2026-11-01T00:00:05.000Z',
    batchStats: { requestCount: '3', successfulRequestCount: '1', pendingRequestCount: '2' },
  });
  const [job] = emulator.meter.jobs;
  expect(job).toMatchObject({ gpuMs: 5500, items: { total: 3, completed: 1, cancelled: 0, failed: 0 } });
  await clock.advance(6500);
  expect(job).toEqual({
    name,
    index: 0,
    kind: 'batch',
    model: MODEL,
    displayName: 'foxes',
    workMs: 12_000,
    createdAt: start,
    startedAt: start + 1000,
    endedAt: start + 13_000,
    gpuMs: 12_000,
    status: 'BATCH_STATE_SUCCEEDED',
    endReason: 'completed',
    deleted: false,
    items: { total: 3, completed: 3, cancelled: 0, failed: 0 },
  });
  expect(clock.pendingTimers).toBe(0);
  const done = await operation(name);
  expect(done).toMatchObject({
    done: true,
    metadata: { endTime: '2026-11-01T00:00:13.000Z', batchStats: { requestCount: '3', successfulRequestCount: '3' } },
  });
  expect(done.metadata['output']).toEqual({ inlinedResponses: done.response?.inlinedResponses });
  expect(JSON.parse(JSON.stringify(emulator.meter.jobs[0]))).toMatchObject({ gpuMs: 12_000, items: { completed: 3 } });
});

test('the results come in the order of the requests, with their metadata and images of their own', async () => {
  const { clock, createBatch, read } = setUpBatches();
  const name = await createBatch(3);
  await clock.advance(13_000);
  const batch = await read(name);
  expect(batch).toMatchObject({ state: 'JOB_STATE_SUCCEEDED', endTime: '2026-11-01T00:00:13.000Z' });
  expect(kinds(batch)).toEqual(['image', 'image', 'image']);
  const responses = batch.dest?.inlinedResponses ?? [];
  expect(responses.map(({ metadata }) => metadata)).toEqual([{ key: '0' }, { key: '1' }, { key: '2' }]);
  expect(
    new Set(responses.map(({ response }) => response?.candidates?.[0]?.content?.parts?.[0]?.inlineData?.data)).size,
  ).toBe(3);
  expect(responses[0]?.response?.usageMetadata).toMatchObject({ candidatesTokenCount: 1120 });
});

test('items are worked on side by side, as set', async () => {
  const { clock, createBatch, read, emulator } = setUpBatches({ batchConcurrency: 2, batchQueueMs: 0 });
  const name = await createBatch(3);
  await clock.advance(3000);
  expect(emulator.meter.gpuMs()).toBe(6000);
  await clock.advance(4999);
  expect((await read(name)).state).toBe('JOB_STATE_RUNNING');
  await clock.advance(1);
  expect((await read(name)).state).toBe('JOB_STATE_SUCCEEDED');
  expect(emulator.meter.jobs[0]).toMatchObject({ gpuMs: 12_000 });
});

test('creating is not idempotent: the same request twice makes two batches', async () => {
  const { clock, createBatch, emulator } = setUpBatches();
  expect(await createBatch(2, 'same')).not.toBe(await createBatch(2, 'same'));
  await clock.advance(9000);
  expect(emulator.meter.jobs.map(({ displayName }) => displayName)).toEqual(['same', 'same']);
  expect(emulator.meter.gpuMs()).toBe(16_000);
});

test('each image says which batch and which of its items made it', async () => {
  const { clock, createBatch, read } = setUpBatches({ batchConcurrency: 2 });
  const name = await createBatch(3);
  await clock.advance(9000);
  const tags = (await read(name)).dest?.inlinedResponses?.map(({ response }) =>
    tagOf(Buffer.from(response?.candidates?.[0]?.content?.parts?.[0]?.inlineData?.data ?? '', 'base64')),
  );
  expect(tags).toEqual([0, 1, 2].map((index) => ({ job: name, index })));
});

test('a request that cannot be worked on fails by itself, and costs nothing', async () => {
  const { ai, clock, emulator } = setUpBatches({ batchQueueMs: 0 });
  const src = [{ contents: 'a', config: { imageConfig: { aspectRatio: '7:5' } } }, { contents: 'b' }];
  const { name = '' } = await ai.batches.create({ model: MODEL, src });
  expect(emulator.meter.jobs[0]).toMatchObject({ workMs: 4000, items: { completed: 0, failed: 1 } });
  await clock.advance(4000);
  const batch = await ai.batches.get({ name });
  expect(batch.state).toBe('JOB_STATE_SUCCEEDED');
  expect(kinds(batch)).toEqual([3, 'image']);
  expect(batch.dest?.inlinedResponses?.[0]?.error?.message).toMatch(/Invalid value for `aspectRatio`/);
  expect(emulator.meter.gpuMs()).toBe(4000);
});

test('delete takes the record away and leaves the work', async () => {
  const { ai, clock, createBatch, emulator, send } = setUpBatches();
  const name = await createBatch(2);
  await clock.advance(2000);
  await ai.batches.delete({ name });
  expect((await send('GET', `/${name}`)).status).toBe(404);
  expect((await send('POST', `/${name}:cancel`)).status).toBe(404);
  expect((await send('DELETE', `/${name}`)).status).toBe(404);
  expect((await ai.batches.list()).page).toEqual([]);
  await clock.advance(7000);
  expect(emulator.meter.jobs[0]).toMatchObject({ deleted: true, gpuMs: 8000, endReason: 'completed' });
});

test('reset drops batches and their timers', async () => {
  const { clock, createBatch, emulator, send } = setUpBatches();
  const name = await createBatch(2);
  await clock.advance(2000);
  emulator.reset();
  expect(clock.pendingTimers).toBe(0);
  expect((await send('GET', `/${name}`)).status).toBe(404);
  expect(await createBatch(2)).toBe(name);
});
