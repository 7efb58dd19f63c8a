import { describe, expect, test } from 'vitest';
import { BROKEN_BODY, leftOutOn } from '../support/runtime.js';
import { errorOf, setUp } from './helpers.js';

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
