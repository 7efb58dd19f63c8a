import { describe, expect, test } from 'vitest';
import { typesOf, WHOLE } from '../helpers.js';
import { INTERACTION, raw } from './raw.js';

const ENDED = '[G] and once it has ended, both work again';
const VERTEX = '/v1beta1/projects/p/locations/us-central1/interactions';

describe('A: background jobs are accepted and cancelled', () => {
  test('[?] image models run in the background', async () => {
    const { create, cancel, get } = raw();
    const { id, status } = (await create()).body;
    expect(status).toBe('in_progress');
    expect((await get(id)).status).toBe(200);
    expect((await cancel(id)).body.status).toBe('cancelled');
  });

  test('[?] on Vertex, too', async () => {
    const { ask } = raw();
    expect((await ask('POST', VERTEX, INTERACTION)).body.status).toBe('in_progress');
  });
});

describe('B: accepted, but not to be read or cancelled while they run', () => {
  const FORBIDDEN = { whileRunning: { reads: 'forbidden', cancels: 'forbidden' } } as const;

  test('[L] GET and cancel answer 403 permission_denied, and the job runs and is billed', async () => {
    const { create, cancel, get, clock, emulator } = raw(FORBIDDEN);
    const { id } = (await create()).body;
    for (const answer of [await get(id), await cancel(id)]) {
      expect(answer).toMatchObject({ status: 403, body: { error: { code: 'permission_denied' } } });
    }
    await clock.advance(4000);
    expect(emulator.meter.jobs[0]).toMatchObject({ gpuMs: 4000, endReason: 'completed' });
  });

  test('[L] GET ?stream=true answers 200 all the same', async () => {
    const { create, events, clock } = raw(FORBIDDEN);
    const { id } = (await create()).body;
    const all = events(id);
    await clock.advance(4000);
    expect(typesOf(await all)).toEqual(WHOLE);
  });

  test('[L] a running job may be 404, to reads and to cancels', async () => {
    const { create, cancel, get, ask } = raw({ whileRunning: { reads: 'not-found', cancels: 'not-found' } });
    const { id } = (await create()).body;
    const stream = await ask('GET', `/v1beta/interactions/${id}?stream=true`);
    for (const answer of [await get(id), await cancel(id), stream]) {
      expect(answer).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
    }
  });

  test.each([FORBIDDEN, { whileRunning: { reads: 'not-found', cancels: 'not-found' } } as const])(
    `${ENDED}: %j`,
    async (options) => {
      const { create, cancel, get, events, clock } = raw(options);
      const { id } = (await create()).body;
      await clock.advance(4000);
      expect((await get(id)).body.status).toBe('completed');
      expect((await cancel(id)).body.error.code).toBe('failed_precondition');
      expect(await events(id)).toHaveLength(WHOLE.length);
    },
  );

  test('one may be forbidden without the other', async () => {
    const { create, cancel, get } = raw({ whileRunning: { cancels: 'forbidden' } });
    const { id } = (await create()).body;
    expect((await get(id)).status).toBe(200);
    expect((await cancel(id)).status).toBe(403);
  });
});

describe('C: background jobs are refused', () => {
  const MESSAGE = 'background=true is only supported for agent interactions.';

  test('[L] a 400 that names the background, and synchronous ones are taken', async () => {
    const { create, work, emulator } = raw({ background: 'refused' });
    expect(await create()).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request', message: MESSAGE } },
    });
    expect(emulator.meter.jobs).toEqual([]);
    const { body } = await work('POST', '/v1beta/interactions', { ...INTERACTION, background: false });
    expect(body.status).toBe('completed');
  });

  test('[L] the gateway says the same in an array', async () => {
    const { create } = raw({ background: { gateway: true } });
    expect(await create()).toMatchObject({
      status: 400,
      body: [{ error: { code: 400, message: MESSAGE, status: 'INVALID_ARGUMENT' } }],
    });
  });

  test.each([404, 405, 501] as const)('[?] or there are no interactions at all: %i', async (status) => {
    const { create, ask, emulator } = raw({ background: { status } });
    expect((await create()).status).toBe(status);
    expect((await create({ background: false })).status).toBe(status);
    expect((await ask('POST', VERTEX, INTERACTION)).status).toBe(status);
    expect(emulator.meter.jobs).toEqual([]);
  });

  test('with words of their own', async () => {
    const { create } = raw({ background: { message: 'No background here.' } });
    expect((await create()).body.error.message).toBe('No background here.');
  });

  test('as a fault it can be for one model', async () => {
    const { create } = raw({ faults: [{ kind: 'background-refused', model: 'gemini-3-pro-image', status: 501 }] });
    expect((await create()).status).toBe(200);
    expect((await create({ model: 'gemini-3-pro-image' })).status).toBe(501);
  });
});
