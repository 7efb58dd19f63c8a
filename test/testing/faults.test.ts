import { describe, expect, test } from 'vitest';
import type { Fault } from '../../src/testing/index.js';
import { CREATE, errorOf, eventsOf, NO_RETRY, setUp, typesOf } from './helpers.js';

describe('scope', () => {
  test('route, times and skip', async () => {
    const { create, send, emulator } = setUp();
    emulator.addFault({ kind: 'status', status: 503, route: 'get', skip: 1, times: 2 });
    const { id } = await create();
    const statuses: number[] = [];
    for (let i = 0; i < 5; i += 1) statuses.push((await send('GET', `/interactions/${id}`)).status);
    expect(statuses).toEqual([200, 503, 503, 200, 200]);
    expect(emulator.meter.faults).toMatchObject([{ applied: 2, matched: 3, active: true }]);
    expect(emulator.meter.requestsTo('get').map(({ fault }) => fault)).toEqual([
      undefined,
      'status',
      'status',
      undefined,
      undefined,
    ]);
  });

  test('the first that fits strikes, then the next', async () => {
    const { create, send } = setUp({
      faults: [
        { kind: 'status', status: 503, route: 'get', times: 1 },
        { kind: 'status', status: 500, route: '*', times: 1, skip: 0, model: CREATE.model, job: 0 },
      ],
    });
    expect((await send('GET', '/interactions/v1_nobody')).status).toBe(503);
    expect((await send('POST', '/interactions', CREATE)).status).toBe(500);
    const { id } = await create();
    expect((await send('GET', `/interactions/${id}`)).status).toBe(200);
  });

  test('model', async () => {
    const { create, send, emulator } = setUp();
    emulator.addFault({ kind: 'status', status: 429, route: 'get', model: 'a' });
    const [a, b] = [await create({ model: 'a' }), await create({ model: 'b' })];
    expect((await send('GET', `/interactions/${a.id}`)).status).toBe(429);
    expect((await send('GET', `/interactions/${b.id}`)).status).toBe(200);
  });

  test('job, by name and by index', async () => {
    const { create, get, emulator, clock } = setUp();
    emulator.addFault({ kind: 'fail', job: 1 });
    const [a, b] = [await create(), await create()];
    emulator.addFault({ kind: 'status', status: 500, job: `interactions/${a.id}`, message: 'this one' });
    expect(await get(a.id)).toEqual({ error: { code: 'api_error', message: 'this one' } });
    await clock.advance(5000);
    expect(await get(b.id)).toMatchObject({ status: 'failed' });
  });

  test('time: a route is down for a while', async () => {
    const fault: Fault = { kind: 'status', status: 503, route: 'get', fromMs: 1000, forMs: 500 };
    const { create, send, clock, emulator } = setUp();
    const { id } = await create();
    await clock.advance(300);
    emulator.addFault(fault);
    const statuses: number[] = [];
    for (const ms of [0, 999, 1, 499, 1]) {
      await clock.advance(ms);
      statuses.push((await send('GET', `/interactions/${id}`)).status);
    }
    expect(statuses).toEqual([200, 200, 503, 503, 200]);
    expect(emulator.meter.faults).toMatchObject([{ applied: 2, matched: 2 }]);
  });

  test('time: counted from the start, and again from a reset', async () => {
    const { create, clock, emulator } = setUp({ faults: [{ kind: 'status', status: 503, forMs: 500 }] });
    expect(await create()).toHaveProperty('error');
    await clock.advance(500);
    expect(await create()).toHaveProperty('id');
    emulator.reset();
    expect(await create()).toHaveProperty('error');
  });

  test('what was added can be removed', async () => {
    const { send, emulator } = setUp();
    const remove = emulator.addFault({ kind: 'status', status: 500 });
    expect((await send('POST', '/interactions', CREATE)).status).toBe(500);
    remove();
    expect((await send('POST', '/interactions', CREATE)).status).toBe(200);
    expect(emulator.meter.faults).toMatchObject([{ applied: 1, active: false }]);
  });
});

describe('delay', () => {
  test('of the answer: the effect comes first', async () => {
    const { send, emulator, clock } = setUp({ faults: [{ kind: 'delay', ms: 500, route: 'create' }] });
    const answer = send('POST', '/interactions', CREATE);
    await clock.advance(499);
    expect(emulator.meter.jobs).toHaveLength(1);
    expect(emulator.meter.requests[0]?.answeredAt).toBeUndefined();
    await clock.advance(1);
    // The answer says what was true when the effect happened.
    expect(await (await answer).json()).toMatchObject({ status: 'in_progress' });
    expect(emulator.meter.requests[0]).toMatchObject({ answeredAt: clock.now(), fault: 'delay' });
  });

  test('of the effect, which comes even if the client has left', async () => {
    const { send, emulator, clock } = setUp({ faults: [{ kind: 'delay', ms: 500, when: 'before' }] });
    const controller = new AbortController();
    const answer = send('POST', '/interactions', CREATE, { signal: controller.signal });
    const rejected = expect(answer).rejects.toThrow();
    await clock.advance(100);
    expect(emulator.meter.jobs).toEqual([]);
    controller.abort();
    await rejected;
    await clock.advance(400);
    expect(emulator.meter.jobs).toMatchObject([{ createdAt: clock.now() }]);
  });

  test('of the effect: the answer follows at once', async () => {
    const { send, emulator, clock } = setUp({ faults: [{ kind: 'delay', ms: 500, when: 'before' }] });
    const answer = send('POST', '/interactions', CREATE);
    await clock.advance(500);
    expect((await answer).status).toBe(200);
    expect(emulator.meter.requests[0]?.answeredAt).toBe(clock.now());
  });

  test('of a synchronous answer: a client that leaves in between is gone', async () => {
    const { send, emulator, clock } = setUp({ queueMs: 0, faults: [{ kind: 'delay', ms: 500 }] });
    const controller = new AbortController();
    const body = { ...CREATE, background: false };
    const answer = expect(send('POST', '/interactions', body, { signal: controller.signal })).rejects.toThrow();
    await clock.advance(4100);
    controller.abort();
    await answer;
    expect(emulator.meter.jobs[0]).toMatchObject({ status: 'completed', clientGoneAt: clock.now() });
  });

  test('adds up, and leaves no timer when the client goes', async () => {
    const fault = { kind: 'delay', ms: 500 } as const;
    const { send, emulator, clock } = setUp({ faults: [fault, fault] });
    const answer = send('GET', '/interactions/v1_nobody');
    await clock.advance(1000);
    expect((await answer).status).toBe(404);
    expect(emulator.meter.requests[0]).toMatchObject({ faults: ['delay', 'delay'], answeredAt: clock.now() });
    const controller = new AbortController();
    const second = expect(send('GET', '/interactions/x', undefined, { signal: controller.signal })).rejects.toThrow();
    await clock.advance(100);
    controller.abort();
    await second;
    expect(clock.pendingTimers).toBe(0);
  });
});

describe.each([
  ['before', 0],
  ['after', 1],
] as const)('the answer, %s the effect', (when, jobs) => {
  test.each([204, 205, 304])('status %i, which has no body', async (status) => {
    const { send } = setUp({ faults: [{ kind: 'status', status }] });
    const response = await send('POST', '/interactions', CREATE);
    expect([response.status, await response.text()]).toEqual([status, '']);
  });

  test('status', async () => {
    const headers = { 'retry-after': '7' };
    const { send, emulator } = setUp({ faults: [{ kind: 'status', status: 503, message: 'busy', headers, when }] });
    const response = await send('POST', '/interactions', CREATE);
    expect(response.headers.get('retry-after')).toBe('7');
    expect(await errorOf(response)).toEqual({ http: 503, code: 'service_unavailable', message: 'busy' });
    expect(emulator.meter.jobs).toHaveLength(jobs);
  });

  test.each([
    ['text', 'text'],
    [{ any: 'thing' }, '{"any":"thing"}'],
  ])('status with body %o', async (body, text) => {
    const { send } = setUp({ faults: [{ kind: 'status', status: 500, body, when }] });
    expect(await (await send('POST', '/interactions', CREATE)).text()).toBe(text);
  });

  test('reset', async () => {
    const { send, emulator, clock } = setUp({ faults: [{ kind: 'reset', when }] });
    const error: unknown = await send('POST', '/interactions', CREATE).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: 'fetch failed', cause: { code: 'ECONNRESET' } });
    expect(emulator.meter.jobs).toHaveLength(jobs);
    expect(emulator.meter.requests[0]).toMatchObject({ answeredAt: clock.now(), fault: 'reset', status: undefined });
  });

  test.each([
    [502, 'Bad Gateway'],
    [503, 'Service Temporarily Unavailable'],
    [504, 'Gateway Time-out'],
  ] as const)("a proxy's page: %i", async (status, words) => {
    const { send, emulator } = setUp({ faults: [{ kind: 'page', status, when }] });
    const response = await send('POST', '/interactions', CREATE);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('text/html');
    expect(await response.text()).toContain(`<h1>${status} ${words}</h1>`);
    expect(emulator.meter.jobs).toHaveLength(jobs);
  });

  test('hang, until the client leaves', async () => {
    const { send, emulator, clock } = setUp({ faults: [{ kind: 'hang', when }] });
    const controller = new AbortController();
    const answer = expect(send('POST', '/interactions', CREATE, { signal: controller.signal })).rejects.toThrow();
    await clock.advance(100_000);
    expect(emulator.meter.jobs).toHaveLength(jobs);
    controller.abort();
    await answer;
    expect(emulator.meter.requests[0]).toMatchObject({ clientLeftAt: clock.now(), fault: 'hang' });
    expect(emulator.meter.requests[0]?.answeredAt).toBeUndefined();
  });

  test('garbage', async () => {
    const { ai, send, emulator } = setUp({ faults: [{ kind: 'garbage', times: 1, when }] });
    const response = await send('POST', '/interactions', CREATE);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html');
    expect(await response.text()).toContain('<!doctype html>');
    expect(emulator.meter.jobs).toHaveLength(jobs);
    emulator.addFault({ kind: 'garbage', body: '{"id":', contentType: 'application/json', when });
    await expect(ai.interactions.create(CREATE, NO_RETRY)).rejects.toThrow(SyntaxError);
  });

  test('json', async () => {
    const { ai, emulator } = setUp({ faults: [{ kind: 'json', body: {}, when }] });
    expect((await ai.interactions.create(CREATE, NO_RETRY)).id).toBeUndefined();
    expect(emulator.meter.jobs).toHaveLength(jobs);
  });

  test('json with another status', async () => {
    const { send } = setUp({ faults: [{ kind: 'json', body: [1], status: 418, when }] });
    const response = await send('POST', '/interactions', CREATE);
    expect(response.status).toBe(418);
    expect(await response.json()).toEqual([1]);
  });
});

describe('the true answer, spoilt', () => {
  test('content-type: JSON as text', async () => {
    const { send, emulator } = setUp({ faults: [{ kind: 'content-type' }] });
    const response = await send('POST', '/interactions', CREATE);
    expect(response.headers.get('content-type')).toBe('text/plain');
    expect(await response.json()).toMatchObject({ status: 'in_progress' });
    expect(emulator.meter.requests[0]).toMatchObject({ status: 200, fault: 'content-type' });
  });

  test('content-type: any, also of an error', async () => {
    const { send } = setUp({ faults: [{ kind: 'content-type', value: 'application/x-thing' }] });
    const response = await send('GET', '/interactions/v1_nobody');
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/x-thing');
  });

  test('cut-body: the connection breaks in the middle', async () => {
    const { send, emulator } = setUp({ faults: [{ kind: 'cut-body' }] });
    const response = await send('POST', '/interactions', CREATE);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toMatchObject({ message: 'terminated', cause: { code: 'ECONNRESET' } });
    expect(emulator.meter.running()).toHaveLength(1);
  });

  test('cut-body: it ends after so many bytes', async () => {
    const { send, emulator } = setUp({ faults: [{ kind: 'cut-body', bytes: 8, how: 'end' }] });
    const response = await send('POST', '/interactions', CREATE);
    expect(await response.text()).toBe('{"id":"v');
    expect(emulator.meter.running()).toHaveLength(1);
  });

  test('a stream is left alone', async () => {
    const { create, openStream, clock, emulator } = setUp();
    const { id } = await create();
    await clock.advance(5000);
    emulator.addFault({ kind: 'cut-body' });
    expect(typesOf(await eventsOf(await openStream(id))).at(-1)).toBe('interaction.completed');
    expect(emulator.meter.faults[0]?.matched).toBe(0);
  });
});

test('an answer lost twice leaves three paid jobs behind the default retries of the SDK', async () => {
  const { ai, emulator } = setUp({ faults: [{ kind: 'reset', when: 'after', times: 2 }] });
  await ai.interactions.create(CREATE, {
    retries: { strategy: 'attempt-count-backoff', backoff: BACKOFF, retryConnectionErrors: true, maxRetries: 4 },
  } as object);
  expect(emulator.meter.jobs).toHaveLength(3);
});

const BACKOFF = { initialInterval: 1, maxInterval: 1, exponent: 1, maxElapsedTime: 30_000 };

describe('streams', () => {
  async function streamed(fault: Parameters<ReturnType<typeof setUp>['emulator']['addFault']>[0]) {
    const parts = setUp();
    const { id } = await parts.create();
    await parts.clock.advance(5000);
    parts.emulator.addFault({ times: 1, ...fault });
    return { ...parts, id, response: await parts.openStream(id) };
  }

  test.each([0, 1, 2, 5, 8, 9])('cut: ends after %i events, and can be resumed', async (afterEvents) => {
    const { id, response, openStream, emulator } = await streamed({ kind: 'cut', afterEvents, how: 'end' });
    const events = await eventsOf(response);
    expect(events).toHaveLength(afterEvents);
    expect(emulator.meter.requestsTo('stream')[0]).toMatchObject({ events: afterEvents, fault: 'cut' });
    const rest = await eventsOf(await openStream(id, `&last_event_id=${events.at(-1)?.event_id ?? ''}`));
    expect(typesOf([...events, ...rest]).at(-1)).toBe('interaction.completed');
    expect(events.length + rest.length).toBe(9);
  });

  test('cut: reset after its events have arrived', async () => {
    const { response } = await streamed({ kind: 'cut', afterEvents: 2, how: 'reset' });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const texts = [(await reader?.read())?.value, (await reader?.read())?.value];
    expect(texts.join('')).toMatch(/interaction\.created[^]*interaction\.status_update/);
    await expect(reader?.read()).rejects.toMatchObject({
      name: 'TypeError',
      message: 'terminated',
      cause: { code: 'ECONNRESET' },
    });
  });

  test('cut: an error event', async () => {
    const { response } = await streamed({ kind: 'cut', afterEvents: 1, how: 'error' });
    const events = await eventsOf(response);
    expect(typesOf(events)).toEqual(['interaction.created', 'error']);
  });

  test('cut: rubbish, which the SDK hands on as it is', async () => {
    const { ai, create, emulator } = setUp();
    const { id } = await create();
    emulator.addFault({ kind: 'cut', afterEvents: 1, how: 'garbage' });
    const seen: unknown[] = [];
    for await (const event of await ai.interactions.get(id, { stream: true })) seen.push(event);
    expect(seen).toHaveLength(2);
    expect(seen[1]).toBeTypeOf('string');
  });

  test('cut: while it runs, the job goes on', async () => {
    const { create, openStream, clock, emulator } = setUp({ faults: [{ kind: 'cut', afterEvents: 2, how: 'end' }] });
    const response = await openStream((await create()).id);
    await clock.advance(100);
    expect(await eventsOf(response)).toHaveLength(2);
    expect(emulator.meter.openStreams).toBe(0);
    expect(emulator.meter.running()).toHaveLength(1);
  });

  test('silent', async () => {
    const { response, emulator, clock } = await streamed({ kind: 'silent' });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    await clock.advance(599_999);
    expect(emulator.meter.openStreams).toBe(1);
    await clock.advance(1);
    expect(await response.text()).toBe('');
  });

  test('stream-as-json', async () => {
    const { id, response, ai, emulator } = await streamed({ kind: 'stream-as-json' });
    expect(await response.json()).toMatchObject({ id, status: 'completed' });
    expect(emulator.meter.openStreams).toBe(0);
    emulator.addFault({ kind: 'stream-as-json' });
    // The SDK resolves with what is no stream; the TypeError comes on use.
    const stream = await ai.interactions.get(id, { stream: true }, NO_RETRY);
    expect(() => stream.getReader()).toThrow(TypeError);
  });
});

describe('cancel', () => {
  test('cancel-lag: says in_progress and burns on until it takes effect', async () => {
    const { create, cancel, get, clock, emulator } = setUp({ queueMs: 0, faults: [{ kind: 'cancel-lag', ms: 700 }] });
    const { id } = await create();
    await clock.advance(1000);
    expect(await (await cancel(id)).json()).toMatchObject({ status: 'in_progress' });
    await clock.advance(699);
    expect((await get(id)).status).toBe('in_progress');
    await clock.advance(1);
    expect((await get(id)).status).toBe('cancelled');
    expect(emulator.meter.jobs[0]).toMatchObject({ gpuMs: 1700, endReason: 'cancelled' });
  });

  test('cancel-lag: asking again makes it no faster and no slower', async () => {
    const faults = [{ kind: 'cancel-lag', ms: 700, times: 1 }] as const;
    const { create, cancel, clock, emulator } = setUp({ queueMs: 0, faults });
    const { id } = await create();
    await clock.advance(1000);
    await cancel(id);
    await clock.advance(300);
    expect(await (await cancel(id)).json()).toMatchObject({ status: 'in_progress' });
    await clock.advance(1000);
    expect(emulator.meter.jobs[0]).toMatchObject({ gpuMs: 1700, endReason: 'cancelled' });
  });

  test('cancel-lag: a job that completes first has won', async () => {
    const { create, cancel, clock, emulator } = setUp({ queueMs: 0, faults: [{ kind: 'cancel-lag', ms: 700 }] });
    const { id } = await create();
    await clock.advance(3500);
    await cancel(id);
    await clock.advance(1000);
    expect(emulator.meter.jobs[0]).toMatchObject({ gpuMs: 4000, status: 'completed' });
  });

  test('cancel-499: takes effect, and the SDK throws', async () => {
    const { ai, create, get, emulator } = setUp({ faults: [{ kind: 'cancel-499' }] });
    const { id } = await create();
    await expect(ai.interactions.cancel(id, {}, NO_RETRY)).rejects.toMatchObject({ status: 499 });
    expect((await get(id)).status).toBe('cancelled');
    expect(emulator.meter.requestsTo('cancel')[0]).toMatchObject({ status: 499, fault: 'cancel-499' });
  });

  test('cancel-ignored: 200 and no effect', async () => {
    const { create, cancel, clock, emulator } = setUp({ faults: [{ kind: 'cancel-ignored', times: 1 }] });
    const { id } = await create();
    await clock.advance(500);
    expect(await (await cancel(id)).json()).toMatchObject({ status: 'in_progress' });
    await clock.advance(500);
    expect(emulator.meter.jobs[0]).toMatchObject({ gpuMs: 1000, cancelRequestedAt: undefined });
    await cancel(id);
    expect(emulator.meter.jobs[0]).toMatchObject({ gpuMs: 1000, status: 'cancelled', cancelRequestedAt: clock.now() });
  });

  test('forbidden-while-running: GET and cancel, not the stream, not after the end', async () => {
    const { create, cancel, send, openStream, clock, emulator } = setUp({
      faults: [{ kind: 'forbidden-while-running' }],
    });
    const { id } = await create();
    expect(await errorOf(await send('GET', `/interactions/${id}`))).toMatchObject({
      http: 403,
      code: 'permission_denied',
    });
    expect((await cancel(id)).status).toBe(403);
    const stream = await openStream(id);
    expect(stream.status).toBe(200);
    await clock.advance(5000);
    expect(await eventsOf(stream)).toHaveLength(9);
    expect((await send('GET', `/interactions/${id}`)).status).toBe(200);
    expect(emulator.meter.jobs[0]).toMatchObject({ status: 'completed' });
    expect(emulator.meter.faults[0]?.applied).toBe(2);
  });
});

test('background-refused: only in the background', async () => {
  const { ai, send, clock, emulator } = setUp({ faults: [{ kind: 'background-refused' }] });
  await expect(ai.interactions.create(CREATE, NO_RETRY)).rejects.toThrow(
    /background=true is only supported for agent interactions\./,
  );
  expect(emulator.meter.jobs).toEqual([]);
  const answer = send('POST', '/interactions', { ...CREATE, background: false });
  await clock.advance(5000);
  expect((await answer).status).toBe(200);
});

describe('outcomes', () => {
  test('refuse: text and no image', async () => {
    const { ai, create, clock, emulator } = setUp({ faults: [{ kind: 'refuse', text: 'No.' }] });
    const { id } = await create();
    await clock.advance(5000);
    const interaction = await ai.interactions.get(id);
    expect(interaction).toMatchObject({ status: 'completed', output_text: 'No.' });
    expect(interaction.output_image).toBeUndefined();
    expect(interaction.usage?.output_tokens_by_modality).toEqual([{ modality: 'text', tokens: 1 }]);
    expect(emulator.meter.jobs[0]).toMatchObject({ gpuMs: 4000, endReason: 'refused', status: 'completed' });
  });

  test('fail', async () => {
    const { create, get, clock, emulator } = setUp({
      faults: [{ kind: 'fail', code: 'overloaded', message: 'no GPU' }],
    });
    const { id } = await create();
    await clock.advance(5000);
    expect(await get(id)).toMatchObject({ status: 'failed', errors: [{ code: 'overloaded', message: 'no GPU' }] });
    expect(emulator.meter.jobs[0]).toMatchObject({ endReason: 'failed' });
  });

  test.each(['incomplete', 'budget_exceeded', 'requires_action', 'requires_continuation'])(
    'end: %s',
    async (status) => {
      const { create, get, openStream, clock, emulator } = setUp({ faults: [{ kind: 'end', status }] });
      const { id } = await create();
      await clock.advance(5000);
      expect(await get(id)).toMatchObject({ status });
      expect((await get(id)).steps).toMatchObject([{ type: 'user_input' }]);
      expect((await eventsOf(await openStream(id))).at(-1)?.interaction).toMatchObject({ status });
      expect(emulator.meter.jobs[0]).toMatchObject({ gpuMs: 4000, endReason: 'ended' });
    },
  );

  test('end: a status nobody knows never ends, and can be cancelled', async () => {
    const { create, cancel, get, clock, emulator } = setUp({
      queueMs: 0,
      faults: [{ kind: 'end', status: 'pondering' }],
    });
    const { id } = await create();
    await clock.advance(3_600_000);
    expect((await get(id)).status).toBe('pondering');
    expect(emulator.meter.running()).toHaveLength(1);
    await cancel(id);
    expect(emulator.meter.jobs[0]).toMatchObject({ gpuMs: 3_600_000, status: 'cancelled' });
  });

  test('end: or passes after a while', async () => {
    const { create, openStream, clock } = setUp({ faults: [{ kind: 'end', status: 'pondering', lastsMs: 1000 }] });
    const { id } = await create();
    await clock.advance(6000);
    const events = await eventsOf(await openStream(id));
    expect(events.map(({ status }) => status).filter(Boolean)).toEqual(['in_progress', 'pondering']);
    expect(events.at(-1)?.interaction?.status).toBe('completed');
  });

  test.each(['fault', 'asked for'])('the image as a uri, which is served: %s', async (why) => {
    const { create, get, emulator, clock } = setUp(why === 'fault' ? { faults: [{ kind: 'image-as-uri' }] } : {});
    const { id } = await create(why === 'fault' ? {} : { response_format: { type: 'image', delivery: 'uri' } });
    await clock.advance(5000);
    const [content] = (await get(id)).steps?.[2]?.content ?? [];
    expect(content).not.toHaveProperty('data');
    const response = await emulator.fetch(content?.uri ?? '', { headers: { 'x-goog-api-key': 'k' } });
    expect(response.headers.get('content-type')).toBe('image/jpeg');
    expect(new Uint8Array(await response.arrayBuffer()).subarray(0, 2)).toEqual(Uint8Array.of(0xff, 0xd8));
  });
});
