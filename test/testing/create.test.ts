import { describe, expect, test } from 'vitest';
import { CREATE, errorOf, NO_RETRY, setUp } from './helpers.js';

describe('refused with 400 and no job', () => {
  test.each<[string, object, RegExp, string?]>([
    [
      'an unknown field',
      { number_of_images: 2 },
      /^Invalid JSON payload received\. Unknown name "number_of_images": Cannot find field\.$/,
      'parameter_unknown',
    ],
    [
      'an unknown field of the format',
      { response_format: { type: 'image', size: 1 } },
      /Unknown name "size" at 'response_format'/,
      'parameter_unknown',
    ],
    ['no model', { model: undefined }, /model/],
    ['model and agent', { agent: 'a' }, /Only one of/],
    ['no input', { input: undefined }, /input/],
    ['empty input', { input: '' }, /input/],
    ['store:false in the background', { store: false }, /store=false.*background=true/],
    ['stream:true in the background', { stream: true }, /stream=true.*background=true/],
    [
      'an aspect ratio that does not exist',
      { response_format: { type: 'image', aspect_ratio: '7:5' } },
      /aspect_ratio.*"7:5"/,
    ],
    [
      'an image size that does not exist',
      { response_format: [{ type: 'image', image_size: '8K' }] },
      /image_size.*"8K"/,
    ],
    ['an image size in the old place', { generation_config: { image_config: { image_size: '1k' } } }, /image_size/],
    ['another mime type', { response_format: { type: 'image', mime_type: 'image/webp' } }, /mime_type/],
    ['a service tier that does not exist', { service_tier: 'cheap' }, /service_tier.*"cheap"/],
    ['an image without data', { input: [{ type: 'image', mime_type: 'image/png' }] }, /`data` or `uri`/],
    ['an image of another type', { input: [{ type: 'image', uri: 'x', mime_type: 'image/svg+xml' }] }, /mime_type/],
  ])('%s', async (_, change, message, code = 'invalid_request') => {
    const { send, emulator } = setUp();
    const error = await errorOf(await send('POST', '/interactions', { ...CREATE, ...change }));
    expect(error).toMatchObject({ http: 400, code });
    expect(error).not.toHaveProperty('status');
    expect(error.message).toMatch(message);
    expect(emulator.meter.jobs).toEqual([]);
  });

  test.each(['{"model":', '[]', '""', ''])('a body that is not an object: %j', async (body) => {
    const { send, emulator } = setUp();
    const error = await errorOf(await send('POST', '/interactions', undefined, { body }));
    expect(error).toMatchObject({ http: 400, code: 'invalid_request' });
    expect(emulator.meter.jobs).toEqual([]);
  });
});

describe('in the background', () => {
  test('answers at once with an id and the status', async () => {
    const { ai, emulator, clock } = setUp();
    const interaction = await ai.interactions.create(CREATE);
    expect(interaction.id).toMatch(/^v1_[\w-]{40,}$/);
    expect(interaction).toMatchObject({ status: 'in_progress', model: CREATE.model, created: '2026-11-01T00:00:00Z' });
    expect(emulator.meter.jobs).toHaveLength(1);
    expect(emulator.meter.jobs[0]).toMatchObject({
      name: `interactions/${interaction.id}`,
      kind: 'background',
      index: 0,
    });
    expect(emulator.meter.requests[0]).toMatchObject({
      body: CREATE,
      status: 200,
      job: `interactions/${interaction.id}`,
    });
    expect(clock.timers).toEqual([clock.now() + 4000]);
  });

  test('with a queue it is queued at first', async () => {
    const { create, clock } = setUp({ queueMs: 100 });
    expect(await create()).toMatchObject({ status: 'queued' });
    expect(clock.timers).toEqual([clock.now() + 100]);
  });

  test('ids differ in a run and repeat in the next', async () => {
    const ids = await Promise.all(
      [setUp(), setUp()].map(async ({ create }) => [(await create()).id, (await create()).id]),
    );
    expect(ids[0]).toEqual(ids[1]);
    expect(new Set(ids[0]).size).toBe(2);
  });

  test('an agent is an agent', async () => {
    const { create, emulator } = setUp();
    expect(await create({ model: undefined, agent: 'painter' })).toMatchObject({ agent: 'painter' });
    expect(emulator.meter.jobs[0]?.model).toBe('painter');
  });
});

describe('synchronous', () => {
  const SYNC = { model: CREATE.model, input: CREATE.input };

  test('answers when it is done', async () => {
    const { ai, clock, emulator } = setUp();
    const answer = ai.interactions.create(SYNC, NO_RETRY);
    await emulator.waitFor((meter) => meter.jobs.length === 1);
    await clock.advance(3999);
    expect(emulator.meter.requests[0]?.answeredAt).toBeUndefined();
    await clock.advance(1);
    expect(await answer).toMatchObject({ status: 'completed', steps: [{ type: 'thought' }, { type: 'model_output' }] });
    expect(emulator.meter.jobs[0]).toMatchObject({ kind: 'synchronous', gpuMs: 4000, clientGoneAt: undefined });
  });

  test('goes on, and costs all of it, when the client leaves', async () => {
    const { send, clock, emulator } = setUp();
    const controller = new AbortController();
    const answer = send('POST', '/interactions', SYNC, { signal: controller.signal });
    const reason = new Error('gone');
    const rejected = expect(answer).rejects.toBe(reason);
    await clock.advance(1000);
    controller.abort(reason);
    await rejected;
    const [job] = emulator.meter.jobs;
    const leftAt = clock.now();
    expect(emulator.meter.requests[0]).toMatchObject({ clientLeftAt: leftAt });
    await clock.advance(10_000);
    expect(job).toMatchObject({ gpuMs: 4000, endReason: 'completed', clientGoneAt: leftAt });
    expect(emulator.meter.requests[0]?.answeredAt).toBeUndefined();
    expect(clock.pendingTimers).toBe(0);
  });

  test('cannot be cancelled', async () => {
    const { send, cancel, clock, emulator } = setUp();
    const answer = send('POST', '/interactions', SYNC);
    await clock.advance(1000);
    const id = emulator.meter.jobs[0]?.name?.split('/')[1] ?? '';
    expect(await errorOf(await cancel(id))).toMatchObject({ http: 400, code: 'failed_precondition' });
    await clock.advance(4000);
    expect((await answer).status).toBe(200);
  });

  test('streams when asked to', async () => {
    const { ai, clock, emulator } = setUp();
    const stream = await ai.interactions.create({ ...SYNC, stream: true }, NO_RETRY);
    const types: string[] = [];
    const read = (async () => {
      for await (const event of stream) types.push(event.event_type);
    })();
    await clock.advance(5000);
    await read;
    expect(types.at(-1)).toBe('interaction.completed');
    expect(emulator.meter.requests[0]).toMatchObject({ route: 'create', events: 9 });
  });
});
