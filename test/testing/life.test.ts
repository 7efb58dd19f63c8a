import { describe, expect, test } from 'vitest';
import { createVirtualClock, type Clock } from '../../src/testing/index.js';
import { BROKEN_BODY, leftOutOn } from '../support/runtime.js';
import { CREATE, errorOf, setUp } from './helpers.js';

test('queued, in progress, completed: by the clock, and metered to the millisecond', async () => {
  const { create, get, clock, emulator } = setUp({ queueMs: 250, workMs: 3000 });
  const { id } = await create();
  const start = clock.now();
  const [job] = emulator.meter.jobs;
  await clock.advance(249);
  expect(await get(id)).toMatchObject({ status: 'queued' });
  expect(job).toMatchObject({ status: 'queued', gpuMs: 0, startedAt: undefined });
  await clock.advance(1);
  expect(await get(id)).toMatchObject({ status: 'in_progress' });
  await clock.advance(1500);
  expect(job?.gpuMs).toBe(1500);
  expect(emulator.meter.running()).toEqual([job]);
  await clock.advance(1499);
  expect((await get(id)).steps).toMatchObject([{ type: 'user_input' }]);
  await clock.advance(1);
  expect(job).toEqual({
    name: `interactions/${id}`,
    index: 0,
    kind: 'background',
    model: 'gemini-3.1-flash-image',
    workMs: 3000,
    createdAt: start,
    startedAt: start + 250,
    endedAt: start + 3250,
    gpuMs: 3000,
    status: 'completed',
    endReason: 'completed',
    deleted: false,
  });
  expect(emulator.meter.running()).toEqual([]);
  const resource = await get(id);
  expect(resource).toMatchObject({
    status: 'completed',
    created: '2026-11-01T00:00:00Z',
    updated: '2026-11-01T00:00:03Z',
    steps: [
      { type: 'user_input', content: [{ type: 'text', text: 'a red fox' }] },
      { type: 'thought' },
      { type: 'model_output', content: [{ type: 'image', mime_type: 'image/jpeg' }] },
    ],
    usage: { total_output_tokens: 1120, output_tokens_by_modality: [{ modality: 'image', tokens: 1120 }] },
  });
  expect(JSON.parse(JSON.stringify(emulator.meter.jobs[0]))).toMatchObject({ gpuMs: 3000 });
});

test('the SDK finds the image', async () => {
  const { ai, clock, create, get } = setUp();
  const { id } = await create({ response_format: { type: 'image', mime_type: 'image/jpeg' } });
  await clock.advance(5000);
  const interaction = await ai.interactions.get(id);
  expect(interaction.output_image).toMatchObject({ type: 'image', mime_type: 'image/jpeg' });
  expect(interaction.output_image?.data).toBe((await get(id)).steps?.[2]?.content?.[0]?.data);
});

test('the GPU time of all jobs adds up', async () => {
  const { create, cancel, clock, emulator } = setUp({ queueMs: 0, workMs: 1000 });
  await create();
  await clock.advance(300);
  const { id } = await create();
  await clock.advance(200);
  expect(emulator.meter.gpuMs()).toBe(700);
  await cancel(id);
  await clock.advance(10_000);
  expect(emulator.meter.gpuMs()).toBe(1200);
});

test.each([3_600_000, -3_600_000])('a jump of the wall clock by %i ms costs nothing', async (jumpMs) => {
  const clock = createVirtualClock();
  let jumpedMs = 0;
  const jumping: Clock = {
    now: () => clock.now() + jumpedMs,
    elapsed: () => clock.now(),
    setTimeout: (callback, delayMs) => clock.setTimeout(callback, delayMs),
    clearTimeout: (timer) => clock.clearTimeout(timer),
  };
  const { create, cancel, emulator } = setUp({ clock: jumping, workMs: 1000 });
  await create();
  const { id } = await create();
  await clock.advance(400);
  jumpedMs = jumpMs;
  expect(emulator.meter.gpuMs()).toBe(800);
  await cancel(id);
  await create();
  await clock.advance(600);
  expect(emulator.meter.jobs).toMatchObject([
    { gpuMs: 1000, endReason: 'completed' },
    { gpuMs: 400, endReason: 'cancelled' },
    { gpuMs: 600, endReason: undefined },
  ]);
});

test.each([2 ** 31, Infinity])('a cancel that takes effect after %d ms does not strike at once', async (ms) => {
  const clock = createVirtualClock();
  // As platforms do with delays that they cannot hold.
  const platform: Clock = {
    now: () => clock.now(),
    setTimeout: (callback, delayMs) => clock.setTimeout(callback, delayMs > 2 ** 31 - 1 ? 1 : delayMs),
    clearTimeout: (timer) => clock.clearTimeout(timer),
  };
  const { create, cancel, emulator } = setUp({ clock: platform, faults: [{ kind: 'cancel-lag', ms }] });
  const { id } = await create();
  await cancel(id);
  await clock.advance(4000);
  expect(emulator.meter.jobs).toMatchObject([{ gpuMs: 4000, endReason: 'completed' }]);
});

describe('cancel', () => {
  test('on the GPU: stops it there', async () => {
    const { ai, create, get, clock, emulator } = setUp();
    const { id } = await create();
    await clock.advance(1000);
    expect(await ai.interactions.cancel(id)).toMatchObject({ id, status: 'cancelled' });
    await clock.advance(10_000);
    expect(await get(id)).toMatchObject({ status: 'cancelled' });
    expect(await get(id)).not.toHaveProperty('usage');
    expect(emulator.meter.jobs[0]).toMatchObject({ gpuMs: 1000, endReason: 'cancelled', status: 'cancelled' });
    expect(clock.pendingTimers).toBe(0);
  });

  test('in the queue: costs nothing', async () => {
    const { create, cancel, clock, emulator } = setUp({ queueMs: 100 });
    const { id } = await create();
    await clock.advance(99);
    await cancel(id);
    await clock.advance(10_000);
    expect(emulator.meter.jobs[0]).toMatchObject({ gpuMs: 0, startedAt: undefined, endReason: 'cancelled' });
  });

  test.each([
    [400, 'failed_precondition'],
    [404, 'not_found'],
    [409, 'aborted'],
  ] as const)('after the end: %i, as set', async (cancelAfterEnd, code) => {
    const { create, cancel, get, clock } = setUp(cancelAfterEnd === 400 ? {} : { cancelAfterEnd });
    const { id } = await create();
    await clock.advance(5000);
    expect(await errorOf(await cancel(id))).toMatchObject({ http: cancelAfterEnd, code });
    expect((await get(id)).status).toBe('completed');
  });

  test('after the end: 200 with the truth, as set', async () => {
    const { create, cancel, clock } = setUp({ cancelAfterEnd: 200 });
    const { id } = await create();
    await clock.advance(5000);
    expect(await (await cancel(id)).json()).toMatchObject({ status: 'completed' });
  });

  test('a second time is after the end', async () => {
    const { create, cancel } = setUp();
    const { id } = await create();
    expect((await cancel(id)).status).toBe(200);
    expect((await cancel(id)).status).toBe(400);
  });

  test('can report usage', async () => {
    const { create, cancel } = setUp({ usageWhenCancelled: true });
    const { id } = await create();
    expect(await (await cancel(id)).json()).toMatchObject({ usage: { total_output_tokens: 0 } });
  });
});

test('delete takes the record away and leaves the work', async () => {
  const { ai, create, send, clock, emulator } = setUp();
  const { id } = await create();
  await clock.advance(1000);
  await ai.interactions.delete(id);
  expect((await send('GET', `/interactions/${id}`)).status).toBe(404);
  expect((await send('POST', `/interactions/${id}/cancel`)).status).toBe(404);
  await clock.advance(5000);
  expect(emulator.meter.jobs[0]).toMatchObject({ gpuMs: 4000, endReason: 'completed', deleted: true });
});

test('reset forgets everything and drops what is open', leftOutOn({ Chromium: BROKEN_BODY }), async () => {
  const { create, openStream, clock, emulator } = setUp({ faults: [{ kind: 'fail' }] });
  const first = await create();
  const stream = await openStream(first.id);
  const reading = expect(stream.text()).rejects.toThrow(new TypeError('terminated'));
  emulator.addFault({ kind: 'silent' });
  emulator.reset();
  await reading;
  expect(clock.pendingTimers).toBe(0);
  expect(emulator.meter).toMatchObject({ jobs: [], requests: [], openStreams: 0 });
  expect(emulator.meter.faults.map(({ fault }) => fault.kind)).toEqual(['fail']);
  expect((await create()).id).toBe(first.id);
});

test('reset drops the requests whose effect is late, and those that are being read', async () => {
  const { send, clock, emulator } = setUp({ faults: [{ kind: 'delay', route: 'create', ms: 1000, when: 'before' }] });
  const create = (): Promise<unknown> => expect(send('POST', '/interactions', CREATE)).rejects.toThrow('fetch failed');
  const late = create();
  await clock.advance(500);
  const read = create();
  emulator.reset();
  await Promise.all([late, read]);
  expect(clock.pendingTimers).toBe(0);
  await clock.advance(5000);
  expect(emulator.meter).toMatchObject({ jobs: [], requests: [] });
});
