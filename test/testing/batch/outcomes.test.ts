import { describe, expect, test } from 'vitest';
import type { EmulatorOptions } from '../../../src/testing/index.js';
import { MODEL } from '../helpers.js';
import { kinds, setUpBatches } from './helpers.js';

describe('outcomes', () => {
  const run = async (faults: EmulatorOptions['faults'], count = 3) => {
    const parts = setUpBatches({ batchQueueMs: 0, faults: faults ?? [] });
    const name = await parts.createBatch(count);
    await parts.clock.advance(count * 4000);
    const [job] = parts.emulator.meter.jobs;
    return { ...parts, name, job, batch: await parts.read(name) };
  };

  test('refuse: every item; it counts as completed', async () => {
    const { batch, job } = await run([{ kind: 'refuse', text: 'No.' }]);
    expect(kinds(batch)).toEqual(['No.', 'No.', 'No.']);
    expect(job).toMatchObject({ gpuMs: 12_000, endReason: 'completed', items: { completed: 3, failed: 0 } });
  });

  test('refuse and fail: single items, by index, times and skip', async () => {
    const { batch, job } = await run(
      [
        { kind: 'refuse', text: 'No.', item: 1 },
        { kind: 'fail', item: 2, code: 'resource_exhausted', message: 'no GPU' },
        { kind: 'fail', item: '*', skip: 2, times: 1 },
      ],
      5,
    );
    expect(kinds(batch)).toEqual(['image', 'No.', 8, 'image', 13]);
    expect(batch).toMatchObject({ state: 'JOB_STATE_SUCCEEDED' });
    expect(batch.dest?.inlinedResponses?.[2]?.error).toEqual({ code: 8, message: 'no GPU' });
    expect(job).toMatchObject({ gpuMs: 20_000, items: { total: 5, completed: 3, cancelled: 0, failed: 2 } });
  });

  test('fail with an item strikes no job that has none', async () => {
    const { ai, clock, emulator } = setUpBatches({ queueMs: 0, faults: [{ kind: 'fail', item: '*' }] });
    const answer = ai.models.generateContent({ model: MODEL, contents: 'x' });
    await clock.advance(4000);
    expect((await answer).data).toBeTypeOf('string');
    expect(emulator.meter.faults[0]?.matched).toBe(0);
  });

  test('fail: the batch as a whole, without results', async () => {
    const { batch, job, operation, name, emulator } = await run([{ kind: 'fail', message: 'broken' }]);
    expect(batch.state).toBe('JOB_STATE_FAILED');
    expect(batch.dest).toBeUndefined();
    expect(await operation(name)).toMatchObject({ done: true, error: { code: 13, message: 'broken' } });
    expect(job).toMatchObject({
      status: 'BATCH_STATE_FAILED',
      endReason: 'failed',
      gpuMs: 12_000,
      items: { completed: 3 },
    });
    expect(emulator.meter.faults[0]?.matched).toBe(1);
  });

  test.each(['BATCH_STATE_CANCELLED', 'BATCH_STATE_EXPIRED', 'BATCH_STATE_FAILED'])('end: %s', async (status) => {
    const { batch, job } = await run([{ kind: 'end', status }]);
    expect(batch.state).toBe(status.replace('BATCH', 'JOB'));
    expect(batch.dest).toBeUndefined();
    expect(job).toMatchObject({ status, endReason: 'ended' });
  });

  test('end: a state nobody knows never ends, burns nothing more, and can be cancelled', async () => {
    const { ai, batch, clock, job, name, operation, read } = await run([
      { kind: 'end', status: 'BATCH_STATE_PONDERING' },
    ]);
    expect(batch.state).toBe('BATCH_STATE_PONDERING');
    expect(await operation(name)).not.toHaveProperty('done');
    await clock.advance(3_600_000);
    expect(job).toMatchObject({ gpuMs: 12_000, endedAt: undefined });
    await ai.batches.cancel({ name });
    expect(kinds(await read(name))).toEqual(['image', 'image', 'image']);
    expect(job).toMatchObject({ status: 'BATCH_STATE_SUCCEEDED', endReason: 'cancelled' });
  });

  test('end: or passes after a while', async () => {
    const { clock, name, read } = await run([{ kind: 'end', status: 'BATCH_STATE_PONDERING', lastsMs: 1000 }]);
    await clock.advance(1000);
    expect((await read(name)).state).toBe('JOB_STATE_SUCCEEDED');
  });

  test('expire: it waits in the queue for 48 hours', async () => {
    const { clock, job, name, operation, read } = await run([{ kind: 'expire' }]);
    await clock.advance(48 * 3_600_000 - 12_001);
    expect((await read(name)).state).toBe('JOB_STATE_PENDING');
    await clock.advance(1);
    expect((await read(name)).state).toBe('JOB_STATE_EXPIRED');
    expect(await operation(name)).toMatchObject({ done: true, error: { code: 4 } });
    expect(job).toMatchObject({ gpuMs: 0, status: 'BATCH_STATE_EXPIRED', endReason: 'expired' });
    expect(clock.pendingTimers).toBe(0);
  });

  test('expire: in the middle, without results; what it cost it cost', async () => {
    const { batch, job } = await run([{ kind: 'expire', afterMs: 5000 }]);
    expect(batch).toMatchObject({ state: 'JOB_STATE_EXPIRED' });
    expect(batch.dest).toBeUndefined();
    expect(job).toMatchObject({ gpuMs: 5000, items: { total: 3, completed: 1, cancelled: 2 } });
  });

  test('expire: not when it is done before', async () => {
    const { batch, clock } = await run([{ kind: 'expire', afterMs: 60_000 }]);
    expect(batch.state).toBe('JOB_STATE_SUCCEEDED');
    expect(clock.pendingTimers).toBe(0);
  });
});
