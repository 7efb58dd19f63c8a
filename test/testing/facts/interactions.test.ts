import { describe, expect, test } from 'vitest';
import { MODEL, typesOf, WHOLE } from '../helpers.js';
import { INTERACTION, raw } from './raw.js';

const SYNCHRONOUS = { ...INTERACTION, background: false };

describe('a create in the background', () => {
  test('[G] answers at once with an id and a status', async () => {
    const { create, emulator, clock } = raw();
    const { status, body } = await create({
      response_format: { type: 'image', aspect_ratio: '16:9', image_size: '2K', mime_type: 'image/jpeg' },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: expect.stringMatching(/^v1_/) as string, status: 'in_progress', model: MODEL });
    expect(emulator.meter.requests[0]?.answeredAt).toBe(clock.now());
  });

  test('[L] the first status of every recording is in_progress', async () => {
    const { create, events, clock } = raw();
    const { id, status } = (await create()).body;
    expect(status).toBe('in_progress');
    await clock.advance(5000);
    expect((await events(id))[0]?.interaction?.status).toBe('in_progress');
  });

  test('[G] queued is the one for capacity off the peak', async () => {
    const { create, get, clock } = raw({ queueMs: 60_000 });
    const { id, status } = (await create({ service_tier: 'flex' })).body;
    expect(status).toBe('queued');
    await clock.advance(60_000);
    expect((await get(id)).body.status).toBe('in_progress');
  });

  test('[G] store:false does not go with it', async () => {
    const { create } = raw();
    expect(await create({ store: false })).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
  });

  test.each([
    ['is refused', {}, 400],
    ['is accepted', { backgroundStream: 'accepted' }, 200],
  ] as const)('[?] stream:true with it %s', async (_, options, status) => {
    const { send, clock, emulator } = raw(options);
    const response = await send('POST', '/v1beta/interactions', { ...INTERACTION, stream: true });
    expect(response.status).toBe(status);
    await clock.advance(5000);
    if (status === 200) expect(await response.text()).toContain('interaction.completed');
    expect(emulator.meter.jobs.map(({ kind }) => kind)).toEqual(status === 200 ? ['background'] : []);
  });

  test('[G] makes one image: there is no field for a count', async () => {
    const { create, get, clock } = raw();
    for (const field of ['n', 'count', 'number_of_images', 'candidate_count']) {
      expect((await create({ [field]: 2 })).body.error.code).toBe('parameter_unknown');
    }
    const { id } = (await create()).body;
    await clock.advance(4000);
    expect((await get(id)).body.steps.at(-1)?.content).toHaveLength(1);
  });

  test('[M] there is no idempotency key: the same twice are two jobs', async () => {
    const { create, emulator } = raw();
    await create();
    await create();
    expect(emulator.meter.jobs).toHaveLength(2);
  });

  test('[G] there is no list', async () => {
    const { ask } = raw();
    expect((await ask('GET', '/v1beta/interactions')).status).toBe(404);
  });
});

describe('the stream', () => {
  test('[L] created, then the status in_progress, a thought, the image: always in this order', async () => {
    const { create, events, clock } = raw();
    const { id } = (await create()).body;
    await clock.advance(4000);
    const all = await events(id);
    expect(typesOf(all)).toEqual(WHOLE);
    expect(all[1]).toMatchObject({ status: 'in_progress', interaction_id: id });
    expect(all[2]).toMatchObject({ index: 0, step: { type: 'thought' } });
    expect(all[3]).toMatchObject({ index: 0, delta: { type: 'thought_signature' } });
    expect(all[5]).toMatchObject({ index: 1, step: { type: 'model_output' } });
  });

  test('[L] created tells the id, the status and the model, and nothing else', async () => {
    const { create, events, clock } = raw();
    const { id } = (await create()).body;
    await clock.advance(4000);
    expect((await events(id))[0]?.interaction).toEqual({
      id,
      status: 'in_progress',
      object: 'interaction',
      model: MODEL,
    });
  });

  test('[L] the signature has millions of letters, as set', async () => {
    const { create, events, clock } = raw({ thoughtSignatureLength: 2_650_000 });
    const { id } = (await create()).body;
    await clock.advance(4000);
    const [, , , thought] = await events(id);
    expect(thought?.delta?.signature).toHaveLength(2_650_000);
  });

  test('[L] the image is one delta with all of it', async () => {
    const { create, events, get, clock } = raw();
    const { id } = (await create()).body;
    await clock.advance(4000);
    const [image, ...others] = (await events(id)).filter(({ delta }) => delta?.type === 'image');
    expect(others).toEqual([]);
    expect(image?.delta?.data).toBe((await get(id)).body.steps.at(-1)?.content?.[0]?.['data']);
  });

  test('[G] each event has an id, and last_event_id resumes behind it', async () => {
    const { create, events, clock } = raw();
    const { id } = (await create()).body;
    await clock.advance(4000);
    const all = await events(id);
    expect(new Set(all.map((event) => event.event_id)).size).toBe(all.length);
    const rest = await events(id, `&last_event_id=${encodeURIComponent(all[4]?.event_id ?? '')}`);
    expect(rest).toEqual(all.slice(5));
  });

  test('[G] completed is sent on a cancel, too', async () => {
    const { create, cancel, events } = raw();
    const { id } = (await create()).body;
    await cancel(id);
    expect((await events(id)).at(-1)).toMatchObject({
      event_type: 'interaction.completed',
      interaction: { status: 'cancelled' },
    });
  });

  test.each([
    ['without the steps', {}, undefined],
    ['with them', { completedEventHasSteps: true }, [{ type: 'thought' }, { type: 'model_output' }]],
  ])('[M] completed comes %s', async (_, options, steps) => {
    const { create, events, clock } = raw(options);
    const { id } = (await create()).body;
    await clock.advance(4000);
    const last = (await events(id)).at(-1)?.interaction?.steps;
    expect(last?.map(({ type }) => ({ type }))).toEqual(steps);
  });

  test('[L] is cut after ten minutes', async () => {
    const { create, send, clock, emulator } = raw({ workMs: 3_600_000 });
    const { id } = (await create()).body;
    await send('GET', `/v1beta/interactions/${id}?stream=true`);
    await clock.advance(599_999);
    expect(emulator.meter.openStreams).toBe(1);
    await clock.advance(1);
    expect(emulator.meter.openStreams).toBe(0);
  });

  test('[G] may say an error event, whose code is a text', async () => {
    const { create, events } = raw({ faults: [{ kind: 'cut', afterEvents: 2, how: 'error' }] });
    const { id } = (await create()).body;
    const last = (await events(id)).at(-1);
    expect(last).toMatchObject({ event_type: 'error', error: { code: 'api_error' } });
  });

  test('[M] JSON may be answered to it', async () => {
    const { create, ask } = raw({ faults: [{ kind: 'stream-as-json' }] });
    const { id } = (await create()).body;
    const { headers, body } = await ask('GET', `/v1beta/interactions/${id}?stream=true`);
    expect(headers.get('content-type')).toContain('application/json');
    expect(body.id).toBe(id);
  });
});

describe('the resource', () => {
  test('[L] begins with the input when it is read, and has the thought before the image', async () => {
    const { create, get, clock } = raw();
    const input = [{ type: 'text', text: 'a fox' }];
    const created = (await create({ input })).body;
    expect(created).not.toHaveProperty('steps');
    expect((await get(created.id)).body.steps).toEqual([{ type: 'user_input', content: input }]);
    await clock.advance(4000);
    const { steps } = (await get(created.id)).body;
    expect(steps.map(({ type }) => type)).toEqual(['user_input', 'thought', 'model_output']);
    expect(steps[1]?.signature).toHaveLength(64);
    expect(steps[2]?.content).toMatchObject([{ type: 'image', mime_type: 'image/jpeg' }]);
  });

  test('[L] has all kinds of tokens', async () => {
    const { create, get, clock } = raw();
    const { id } = (await create()).body;
    await clock.advance(4000);
    expect((await get(id)).body.usage).toEqual({
      total_tokens: 1346,
      total_input_tokens: 2,
      input_tokens_by_modality: [{ modality: 'text', tokens: 2 }],
      total_cached_tokens: 0,
      total_output_tokens: 1120,
      output_tokens_by_modality: [{ modality: 'image', tokens: 1120 }],
      total_tool_use_tokens: 0,
      total_thought_tokens: 224,
    });
  });

  test.each([
    ['nothing', {}, undefined],
    ['its input', { usageWhenCancelled: true }, { total_input_tokens: 2, total_output_tokens: 0 }],
  ])('[?] a cancelled one reports as used: %s', async (_, options, usage) => {
    const { create, cancel, get } = raw(options);
    const { id } = (await create()).body;
    await cancel(id);
    const { body } = await get(id);
    if (usage === undefined) expect(body).not.toHaveProperty('usage');
    else expect(body.usage).toMatchObject(usage);
  });

  test.each([
    ['standard', {}],
    ['flex', { service_tier: 'flex' }],
  ])('[G] tells its service tier: %s', async (tier, fields) => {
    const { create } = raw();
    expect((await create(fields)).body.service_tier).toBe(tier);
  });

  test('[G] an image may come as a uri', async () => {
    const { create, get, ask, clock } = raw({ faults: [{ kind: 'image-as-uri' }] });
    const { id } = (await create()).body;
    await clock.advance(4000);
    const [image] = (await get(id)).body.steps.at(-1)?.content ?? [];
    expect(image).not.toHaveProperty('data');
    expect((await ask('GET', String(image?.['uri']))).headers.get('content-type')).toBe('image/jpeg');
  });

  test('[G] a refusal has text and no image', async () => {
    const { create, get, clock } = raw({ faults: [{ kind: 'refuse', text: 'No.' }] });
    const { id } = (await create()).body;
    await clock.advance(4000);
    expect((await get(id)).body.steps.at(-1)?.content).toEqual([{ type: 'text', text: 'No.' }]);
  });

  test.each(['completed', 'failed', 'cancelled', 'incomplete', 'budget_exceeded'])(
    '[G] %s is an end',
    async (status) => {
      const { create, get, clock, emulator } = raw({ faults: [{ kind: 'end', status }] });
      const { id } = (await create()).body;
      await clock.advance(4000);
      expect((await get(id)).body.status).toBe(status);
      expect(emulator.meter.running()).toEqual([]);
    },
  );

  test.each(['requires_action', 'requires_continuation'])('[G] %s is a stop', async (status) => {
    const { create, get, clock } = raw({ faults: [{ kind: 'end', status }] });
    const { id } = (await create()).body;
    await clock.advance(4000);
    expect((await get(id)).body.status).toBe(status);
  });

  test('[G] the set of statuses is open', async () => {
    const { create, get, clock } = raw({ faults: [{ kind: 'end', status: 'pondering', lastsMs: 1000 }] });
    const { id } = (await create()).body;
    await clock.advance(4000);
    expect((await get(id)).body.status).toBe('pondering');
    await clock.advance(1000);
    expect((await get(id)).body.status).toBe('completed');
  });

  test('[L] DELETE removes the record and does not stop the work', async () => {
    const { create, ask, get, clock, emulator } = raw();
    const { id } = (await create()).body;
    expect((await ask('DELETE', `/v1beta/interactions/${id}`)).status).toBe(200);
    expect(await get(id)).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
    await clock.advance(4000);
    expect(emulator.meter.jobs[0]).toMatchObject({ gpuMs: 4000, endReason: 'completed' });
  });
});

describe('a cancel', () => {
  test('[G] turns the status into cancelled, and the work stops', async () => {
    const { create, cancel, get, clock, emulator } = raw();
    const { id } = (await create()).body;
    await clock.advance(1000);
    expect((await cancel(id)).status).toBe(200);
    expect((await get(id)).body.status).toBe('cancelled');
    await clock.advance(9000);
    expect(emulator.meter.gpuMs()).toBe(1000);
  });

  test('[G] may do so with a slight delay', async () => {
    const { create, cancel, get, clock } = raw({ faults: [{ kind: 'cancel-lag', ms: 300 }] });
    const { id } = (await create()).body;
    expect((await cancel(id)).body.status).toBe('in_progress');
    await clock.advance(300);
    expect((await get(id)).body.status).toBe('cancelled');
  });

  test('[G] is for background interactions only', async () => {
    const { ask, cancel, emulator, clock } = raw();
    const answer = ask('POST', '/v1beta/interactions', SYNCHRONOUS);
    await clock.advance(1000);
    const id = emulator.meter.jobs[0]?.name?.split('/')[1] ?? '';
    expect(await cancel(id)).toMatchObject({ status: 400, body: { error: { code: 'failed_precondition' } } });
    await clock.advance(4000);
    expect((await answer).body.status).toBe('completed');
  });

  test.each([
    [400, 'failed_precondition'],
    [404, 'not_found'],
    [409, 'aborted'],
    [200, undefined],
  ] as const)('[?] of one that has finished answers %i', async (cancelAfterEnd, code) => {
    const { create, cancel, clock } = raw({ cancelAfterEnd });
    const { id } = (await create()).body;
    await clock.advance(4000);
    const { status, body } = await cancel(id);
    expect(status).toBe(cancelAfterEnd);
    if (code === undefined) expect(body.status).toBe('completed');
    else expect(body.error.code).toBe(code);
  });

  test('[?] that worked may say 499', async () => {
    const { create, cancel, get } = raw({ faults: [{ kind: 'cancel-499' }] });
    const { id } = (await create()).body;
    expect(await cancel(id)).toMatchObject({ status: 499, body: { error: { code: 'cancelled' } } });
    expect((await get(id)).body.status).toBe('cancelled');
  });

  test('[L] that says 200 may have done nothing', async () => {
    const { create, cancel, get, clock } = raw({ faults: [{ kind: 'cancel-ignored' }] });
    const { id } = (await create()).body;
    expect((await cancel(id)).status).toBe(200);
    await clock.advance(4000);
    expect((await get(id)).body.status).toBe('completed');
  });
});

describe('without the background', () => {
  test('[G] the answer comes when it is done, and has no input', async () => {
    const { work } = raw();
    const { body } = await work('POST', '/v1beta/interactions', SYNCHRONOUS);
    expect(body.status).toBe('completed');
    expect(body.steps.map(({ type }) => type)).toEqual(['thought', 'model_output']);
  });

  test('[3P] one that is not stored has no id, and cannot be read', async () => {
    const { work, get, emulator } = raw();
    const { body } = await work('POST', '/v1beta/interactions', { ...SYNCHRONOUS, store: false });
    expect(body).toMatchObject({ status: 'completed' });
    expect(body).not.toHaveProperty('id');
    const id = emulator.meter.jobs[0]?.name?.split('/')[1] ?? '';
    expect((await get(id)).status).toBe(404);
  });
});

describe('previous_interaction_id', () => {
  test('[G] goes on from one that has ended', async () => {
    const { create, get, clock } = raw();
    const { id } = (await create()).body;
    await clock.advance(4000);
    const next = (await create({ previous_interaction_id: id })).body;
    expect(next.status).toBe('in_progress');
    expect((await get(next.id)).body).toMatchObject({ previous_interaction_id: id });
  });

  test('[G] is a 400 while that one runs', async () => {
    const { create, emulator } = raw();
    const { id } = (await create()).body;
    expect(await create({ previous_interaction_id: id })).toMatchObject({
      status: 400,
      body: { error: { code: 'failed_precondition' } },
    });
    expect(emulator.meter.jobs).toHaveLength(1);
  });

  test('[G] needs a stored interaction: 404', async () => {
    const { create, work, emulator } = raw();
    await work('POST', '/v1beta/interactions', { ...SYNCHRONOUS, store: false });
    const unstored = emulator.meter.jobs[0]?.name?.split('/')[1];
    for (const id of [unstored, 'v1_nobody']) {
      expect(await create({ previous_interaction_id: id })).toMatchObject({
        status: 404,
        body: { error: { code: 'not_found' } },
      });
    }
  });
});
