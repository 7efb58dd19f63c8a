import { describe, expect, test } from 'vitest';
import { BROKEN_BODY, leftOutOn } from '../support/runtime.js';
import { errorOf, eventsOf, setUp, sdk, typesOf, WHOLE, type StreamedEvent } from './helpers.js';

test('tells a life in order, as it happens, to the SDK', async () => {
  const { ai, create, clock, emulator } = setUp({ queueMs: 100 });
  const { id } = await create();
  const reader = (await ai.interactions.get(id, { stream: true })).getReader();
  const read = async (): Promise<StreamedEvent> => (await reader.read()).value as unknown as StreamedEvent;

  expect(await read()).toMatchObject({ event_type: WHOLE[0], interaction: { id, status: 'queued' } });
  expect(emulator.meter.requests.at(-1)).toMatchObject({ route: 'stream', events: 1, status: 200 });
  const next = read();
  await clock.advance(100);
  expect(await next).toMatchObject({ event_type: WHOLE[1], status: 'in_progress', interaction_id: id });
  await clock.advance(3999);
  expect(emulator.meter.requests.at(-1)?.events).toBe(2);
  await clock.advance(1);
  expect(await read()).toMatchObject({ event_type: 'step.start', index: 0, step: { type: 'thought' } });
  expect(await read()).toMatchObject({ event_type: 'step.delta', index: 0, delta: { type: 'thought_signature' } });
  expect(await read()).toMatchObject({ event_type: 'step.stop', index: 0 });
  expect(await read()).toMatchObject({ event_type: 'step.start', index: 1, step: { type: 'model_output' } });
  const delta = await read();
  expect(delta).toMatchObject({
    event_type: 'step.delta',
    index: 1,
    delta: { type: 'image', mime_type: 'image/jpeg' },
  });
  expect(await read()).toMatchObject({ event_type: 'step.stop', index: 1 });
  const completed = await read();
  expect(completed).toMatchObject({ event_type: WHOLE.at(-1), interaction: { id, status: 'completed' } });
  expect(completed.interaction?.usage).toMatchObject({ total_output_tokens: 1120 });
  expect(completed.interaction?.steps).toBeUndefined();
  expect((await reader.read()).done).toBe(true);

  const interaction = await ai.interactions.get(id);
  expect(delta.delta?.data).toBe(interaction.output_image?.data);
  expect(emulator.meter.openStreams).toBe(0);
  expect(emulator.meter.requestsTo('stream')[0]).toMatchObject({ events: 9, streamEndedAt: clock.now() });
  expect(clock.pendingTimers).toBe(0);
});

test('a stream of a finished job replays all of it and ends', async () => {
  const { create, openStream, clock } = setUp();
  const { id } = await create();
  await clock.advance(5000);
  const events = await eventsOf(await openStream(id));
  expect(typesOf(events)).toEqual(WHOLE);
  expect(new Set(events.map((event) => event.event_id)).size).toBe(WHOLE.length);
  expect(events[0]?.interaction).toMatchObject({ status: 'in_progress' });
  expect(events[0]?.interaction?.usage).toBeUndefined();
});

test('each event id resumes behind its event', async () => {
  const { create, openStream, clock } = setUp();
  const { id } = await create();
  await clock.advance(5000);
  const all = await eventsOf(await openStream(id));
  for (const [i, event] of all.entries()) {
    const rest = await eventsOf(await openStream(id, `&last_event_id=${encodeURIComponent(event.event_id)}`));
    expect(rest).toEqual(all.slice(i + 1));
  }
});

test('the SDK resumes', async () => {
  const { emulator, create, openStream, clock } = setUp();
  const { id } = await create();
  await clock.advance(5000);
  const [, second] = await eventsOf(await openStream(id));
  const stream = await sdk(emulator).interactions.get(id, { stream: true, last_event_id: second?.event_id ?? '' });
  const types: string[] = [];
  for await (const event of stream) types.push(event.event_type);
  expect(types).toEqual(WHOLE.slice(2));
});

test('a stream resumed while running goes on with what comes', async () => {
  const { create, openStream, clock } = setUp();
  const { id } = await create();
  const first = await openStream(id);
  await clock.advance(100);
  await first.body?.cancel();
  await clock.advance(5000);
  const [created] = await eventsOf(await openStream(id));
  const { id: other } = await create();
  const early = await eventsOf(await openStream(id, `&last_event_id=${created?.event_id ?? ''}`));
  expect(typesOf(early)).toEqual(WHOLE.slice(1));
  expect(other).not.toBe(id);
});

test.each(['nonsense', 'of another job'])('an unknown last_event_id is 400: %s', async (kind) => {
  const { create, openStream, clock } = setUp();
  const [mine, others] = [await create(), await create()];
  await clock.advance(5000);
  const [event] = await eventsOf(await openStream(others.id));
  const eventId = kind === 'nonsense' ? kind : (event?.event_id ?? '');
  const error = await errorOf(await openStream(mine.id, `&last_event_id=${encodeURIComponent(eventId)}`));
  expect(error).toMatchObject({ http: 400, code: 'invalid_request' });
});

describe('interaction.completed comes at every end and says which', () => {
  test('cancel', async () => {
    const { create, cancel, openStream, clock } = setUp();
    const { id } = await create();
    const stream = await openStream(id);
    await clock.advance(1000);
    await cancel(id);
    const events = await eventsOf(stream);
    expect(typesOf(events)).toEqual([WHOLE[0], WHOLE[1], WHOLE.at(-1)]);
    expect(events.at(-1)?.interaction).toMatchObject({ status: 'cancelled' });
  });

  test('cancel in the queue', async () => {
    const { create, cancel, openStream } = setUp({ queueMs: 100 });
    const { id } = await create();
    const stream = await openStream(id);
    await cancel(id);
    expect(typesOf(await eventsOf(stream))).toEqual([WHOLE[0], WHOLE.at(-1)]);
  });

  test('failure', async () => {
    const { create, openStream, clock } = setUp({ faults: [{ kind: 'fail', message: 'no GPU' }] });
    const { id } = await create();
    await clock.advance(5000);
    const events = await eventsOf(await openStream(id));
    expect(typesOf(events)).toEqual([WHOLE[0], WHOLE[1], WHOLE.at(-1)]);
    expect(events.at(-1)?.interaction).toMatchObject({ status: 'failed', errors: [{ message: 'no GPU' }] });
  });
});

test('interaction.completed carries the steps when it is told to', async () => {
  const { create, openStream, clock } = setUp({ completedEventHasSteps: true });
  const { id } = await create();
  await clock.advance(5000);
  const last = (await eventsOf(await openStream(id))).at(-1);
  expect(last?.interaction?.steps).toMatchObject([
    { type: 'thought' },
    { type: 'model_output', content: [{ type: 'image' }] },
  ]);
});

test('the server cuts a stream after its limit, and the job goes on', async () => {
  const { create, openStream, clock, emulator } = setUp({ workMs: 700_000 });
  const { id } = await create();
  const stream = await openStream(id);
  await clock.advance(599_999);
  expect(emulator.meter.openStreams).toBe(1);
  await clock.advance(1);
  expect(emulator.meter.openStreams).toBe(0);
  expect(typesOf(await eventsOf(stream))).toEqual(WHOLE.slice(0, 2));
  await clock.advance(200_000);
  expect(emulator.meter.jobs[0]).toMatchObject({ endReason: 'completed' });
});

describe('a client that leaves is noticed', () => {
  test('by dropping the body', async () => {
    const { ai, create, clock, emulator } = setUp();
    const { id } = await create();
    const reader = (await ai.interactions.get(id, { stream: true })).getReader();
    await reader.read();
    await clock.advance(1000);
    expect(emulator.meter.openStreams).toBe(1);
    await reader.cancel();
    expect(emulator.meter.openStreams).toBe(0);
    expect(emulator.meter.requestsTo('stream')[0]).toMatchObject({ clientLeftAt: clock.now(), events: 2 });
    await clock.advance(10_000);
    expect(emulator.meter.jobs[0]).toMatchObject({ endReason: 'completed', gpuMs: 4000 });
    expect(clock.pendingTimers).toBe(0);
  });

  test(
    'by aborting the signal, which breaks the body with its reason',
    leftOutOn({ Chromium: BROKEN_BODY }),
    async () => {
      const { create, openStream, clock, emulator } = setUp();
      const { id } = await create();
      const controller = new AbortController();
      const stream = await openStream(id, '', { signal: controller.signal });
      const reason = new Error('enough');
      const text = expect(stream.text()).rejects.toBe(reason);
      await clock.advance(1000);
      controller.abort(reason);
      await text;
      expect(emulator.meter.requestsTo('stream')[0]).toMatchObject({ clientLeftAt: clock.now() });
      expect(emulator.meter.openStreams).toBe(0);
    },
  );

  test('but not after the end', async () => {
    const { create, openStream, clock, emulator } = setUp();
    const { id } = await create();
    await clock.advance(5000);
    const controller = new AbortController();
    await (await openStream(id, '', { signal: controller.signal })).text();
    controller.abort();
    expect(emulator.meter.requestsTo('stream')[0]?.clientLeftAt).toBeUndefined();
  });
});

test('a slow reader loses nothing', async () => {
  const { create, openStream, clock } = setUp();
  const { id } = await create();
  const stream = await openStream(id);
  await clock.advance(100_000);
  expect(typesOf(await eventsOf(stream))).toEqual(WHOLE);
});
