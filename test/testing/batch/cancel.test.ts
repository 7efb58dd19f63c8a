import { describe, expect, test } from 'vitest';
import type { EmulatorOptions } from '../../../src/testing/index.js';
import { errorOf } from '../helpers.js';
import { kinds, setUpBatches } from './helpers.js';

test('in the queue: cancelled, with error 13, and nothing is paid for', async () => {
  const { ai, clock, createBatch, emulator, operation, read } = setUpBatches();
  const name = await createBatch(3);
  await clock.advance(999);
  await ai.batches.cancel({ name });
  const batch = await read(name);
  expect(batch.state).toBe('JOB_STATE_CANCELLED');
  expect(batch.dest).toBeUndefined();
  expect(await operation(name)).toMatchObject({ done: true, error: { code: 13 } });
  expect(await operation(name)).not.toHaveProperty('response');
  await clock.advance(60_000);
  expect(emulator.meter.jobs[0]).toMatchObject({
    gpuMs: 0,
    startedAt: undefined,
    status: 'BATCH_STATE_CANCELLED',
    endReason: 'cancelled',
    items: { total: 3, completed: 0, cancelled: 3, failed: 0 },
  });
  expect(clock.pendingTimers).toBe(0);
});

test('after 7 of 20: SUCCEEDED, the 7 are kept in place, the others have error 1, the GPU stops where it is', async () => {
  const { ai, clock, createBatch, emulator, operation, read } = setUpBatches();
  const name = await createBatch(20);
  await clock.advance(1000 + 7 * 4000 + 1500);
  await ai.batches.cancel({ name });
  const batch = await read(name);
  expect(batch.state).toBe('JOB_STATE_SUCCEEDED');
  expect(kinds(batch)).toEqual([...Array<string>(7).fill('image'), ...Array<number>(13).fill(1)]);
  expect(batch.dest?.inlinedResponses?.[19]).toMatchObject({ metadata: { key: '19' }, error: { code: 1 } });
  expect(await operation(name)).not.toHaveProperty('error');
  expect((await operation(name)).metadata.batchStats).toEqual({
    requestCount: '20',
    successfulRequestCount: '7',
    failedRequestCount: '13',
  });
  await clock.advance(100_000);
  expect(emulator.meter.jobs[0]).toMatchObject({
    gpuMs: 7 * 4000 + 1500,
    status: 'BATCH_STATE_SUCCEEDED',
    endReason: 'cancelled',
    items: { total: 20, completed: 7, cancelled: 13, failed: 0 },
  });
  expect(emulator.meter.requestsTo('batch-cancel')).toMatchObject([{ status: 200, job: name }]);
});

test('it answers {}', async () => {
  const { createBatch, send } = setUpBatches();
  const response = await send('POST', `/${await createBatch()}:cancel`);
  expect(await response.json()).toEqual({});
});

describe('after the end, as set', () => {
  test.each([
    [undefined, 400, 'FAILED_PRECONDITION'],
    [404, 404, 'NOT_FOUND'],
    [409, 409, 'ABORTED'],
  ] as const)('%s: %i', async (cancelAfterEnd, http, status) => {
    const { clock, createBatch, send, read } = setUpBatches(cancelAfterEnd ? { cancelAfterEnd } : {});
    const name = await createBatch(1);
    await clock.advance(5000);
    expect(await errorOf(await send('POST', `/${name}:cancel`))).toMatchObject({ http, status });
    expect(kinds(await read(name))).toEqual(['image']);
  });

  test('200', async () => {
    const { clock, createBatch, emulator, send } = setUpBatches({ cancelAfterEnd: 200 });
    const name = await createBatch(1);
    await clock.advance(5000);
    expect((await send('POST', `/${name}:cancel`)).status).toBe(200);
    expect(emulator.meter.jobs[0]).toMatchObject({ endReason: 'completed', cancelRequestedAt: undefined });
  });
});

describe('best effort', () => {
  const running = async (options: EmulatorOptions) => {
    const parts = setUpBatches({ batchQueueMs: 0, ...options });
    const name = await parts.createBatch(3);
    await parts.clock.advance(5000);
    return { ...parts, name };
  };

  test('cancel-lag: it goes on, into the next item; asking again makes it no faster', async () => {
    const faults = [{ kind: 'cancel-lag', ms: 3500, times: 1 }] as const;
    const { ai, clock, emulator, name, read } = await running({ faults });
    await ai.batches.cancel({ name });
    await clock.advance(3499);
    expect((await read(name)).state).toBe('JOB_STATE_RUNNING');
    await ai.batches.cancel({ name });
    expect((await read(name)).state).toBe('JOB_STATE_RUNNING');
    await clock.advance(1);
    expect(kinds(await read(name))).toEqual(['image', 'image', 1]);
    expect(emulator.meter.jobs[0]).toMatchObject({ gpuMs: 8500, endReason: 'cancelled' });
  });

  test('cancel-lag: a batch that completes first has won', async () => {
    const { ai, clock, emulator, name } = await running({ faults: [{ kind: 'cancel-lag', ms: 7001 }] });
    await ai.batches.cancel({ name });
    await clock.advance(8000);
    expect(emulator.meter.jobs[0]).toMatchObject({ gpuMs: 12_000, endReason: 'completed' });
  });

  test('cancel-lag: one that starts in the meantime ends as one that had started', async () => {
    const { ai, clock, createBatch, emulator } = setUpBatches({ faults: [{ kind: 'cancel-lag', ms: 1500 }] });
    const name = await createBatch();
    await ai.batches.cancel({ name });
    await clock.advance(1500);
    expect(emulator.meter.jobs[0]).toMatchObject({ gpuMs: 500, status: 'BATCH_STATE_SUCCEEDED' });
  });

  test('cancel-ignored: 200 and no effect', async () => {
    const { ai, clock, emulator, name } = await running({ faults: [{ kind: 'cancel-ignored', times: 1 }] });
    await ai.batches.cancel({ name });
    await clock.advance(1000);
    expect(emulator.meter.jobs[0]).toMatchObject({ gpuMs: 6000, cancelRequestedAt: undefined });
    await ai.batches.cancel({ name });
    expect(emulator.meter.jobs[0]).toMatchObject({
      gpuMs: 6000,
      cancelRequestedAt: clock.now(),
      endReason: 'cancelled',
    });
  });

  test('cancel-499: takes effect, and the SDK throws', async () => {
    const { ai, emulator, name } = await running({ faults: [{ kind: 'cancel-499' }] });
    await expect(ai.batches.cancel({ name })).rejects.toMatchObject({ status: 499 });
    expect(emulator.meter.jobs[0]).toMatchObject({ gpuMs: 5000, endReason: 'cancelled' });
  });

  test.each([
    ['before', undefined],
    ['after', 'cancelled'],
  ] as const)('status %s the effect', async (when, endReason) => {
    const { ai, emulator, name } = await running({
      faults: [{ kind: 'status', status: 503, when, route: 'batch-cancel' }],
    });
    await expect(ai.batches.cancel({ name })).rejects.toMatchObject({ status: 503 });
    expect(emulator.meter.jobs[0]?.endReason).toBe(endReason);
  });

  test('forbidden-while-running: GET and cancel, not after the end', async () => {
    const { ai, clock, name, read, emulator } = await running({ faults: [{ kind: 'forbidden-while-running' }] });
    await expect(read(name)).rejects.toMatchObject({ status: 403 });
    await expect(ai.batches.cancel({ name })).rejects.toMatchObject({ status: 403 });
    await clock.advance(7000);
    expect((await read(name)).state).toBe('JOB_STATE_SUCCEEDED');
    expect(emulator.meter.jobs[0]).toMatchObject({ endReason: 'completed' });
  });
});
