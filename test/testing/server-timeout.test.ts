import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { EmulatorOptions } from '../../src/testing/index.js';
import { vertexSdk } from './batch/helpers.js';
import { BASE, errorOf, MODEL, requests, setUp } from './helpers.js';

const IMAGEN = 'imagen-4.0-generate-001';
const PROJECT = '/v1beta1/projects/p/locations/us-central1/publishers/google';
const CONTENT = { contents: [{ parts: [{ text: 'x' }] }] };
const PREDICT = { instances: [{ prompt: 'x' }], parameters: { sampleCount: 2 } };

beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => undefined));
afterEach(() => vi.restoreAllMocks());

const ROUTES = [
  ['generateContent', `/v1beta/models/${MODEL}:generateContent`, CONTENT, 1],
  ['generateContent', `${PROJECT}/models/${MODEL}:generateContent`, CONTENT, 1],
  ['predict', `${PROJECT}/models/${IMAGEN}:predict`, PREDICT, 2],
] as const;

describe.each(ROUTES)('%s at %s', (route, path, body, count) => {
  const ask = (seconds: string, options: EmulatorOptions = {}) => {
    const parts = setUp({ retired: [], ...options });
    const { send } = requests(parts.emulator, BASE);
    const headers = { 'x-goog-api-key': 'k', 'x-server-timeout': seconds };
    return { ...parts, answer: send('POST', path, body, { headers }) };
  };

  test('stops the GPU at the deadline and answers 504', async () => {
    const { answer, clock, emulator } = ask('3');
    await clock.advance(2999);
    expect(emulator.meter.running()).toHaveLength(count);
    await clock.advance(1);
    expect(await errorOf(await answer)).toMatchObject({ http: 504, status: 'DEADLINE_EXCEEDED' });
    await clock.advance(60_000);
    expect(emulator.meter.requests[0]).toMatchObject({ route, serverTimeoutMs: 3000, status: 504 });
    expect(emulator.meter.jobs).toHaveLength(count);
    for (const job of emulator.meter.jobs) {
      expect(job).toMatchObject({ gpuMs: 3000, status: 'deadline_exceeded', endReason: 'deadline' });
    }
    expect(clock.pendingTimers).toBe(0);
  });

  test('in the queue: nothing is worked on', async () => {
    const { answer, clock, emulator } = ask('1', { queueMs: 1500 });
    await clock.advance(1000);
    expect((await answer).status).toBe(504);
    expect(emulator.meter.gpuMs()).toBe(0);
  });

  test.each([
    ['ends before it', '5', { queueMs: 500 }],
    ['ends with it', '5', { queueMs: 1000 }],
    ['has no deadline', '0', {}],
    ['has a header that says nothing', 'soon', {}],
  ])('work that %s is done', async (_, seconds, options) => {
    const { answer, clock, emulator } = ask(seconds, options);
    await clock.advance(5000);
    expect((await answer).status).toBe(200);
    expect(emulator.meter.gpuMs()).toBe(4000 * count);
    expect(clock.pendingTimers).toBe(0);
  });

  test('a server that does not honour it goes on', async () => {
    const { answer, clock, emulator } = ask('1', { honoursServerTimeout: false });
    await clock.advance(4000);
    expect((await answer).status).toBe(200);
    expect(emulator.meter.requests[0]?.serverTimeoutMs).toBe(1000);
  });

  test('counts from the arrival of the request, not of the work', async () => {
    const { answer, clock, emulator } = ask('2', { faults: [{ kind: 'delay', ms: 1500, when: 'before' }] });
    await clock.advance(2000);
    expect((await answer).status).toBe(504);
    expect(emulator.meter.gpuMs()).toBe(500 * count);
  });
});

describe('through the SDK, which sends the time-out rounded up to seconds and leaves when it is over', () => {
  test('generateContent of a Gemini client', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { ai, clock, emulator } = setUp({ queueMs: 0 });
    const config = { httpOptions: { timeout: 1500 } };
    const answer = expect(ai.models.generateContent({ model: MODEL, contents: 'x', config })).rejects.toThrow();
    await emulator.waitFor((meter) => meter.jobs.length === 1);
    await clock.advance(1500);
    vi.advanceTimersByTime(1500);
    await answer;
    await emulator.waitFor((meter) => meter.jobs[0]?.clientGoneAt !== undefined);
    const leftAt = clock.now();
    vi.useRealTimers();
    await clock.advance(10_000);
    expect(emulator.meter.requests[0]).toMatchObject({
      serverTimeoutMs: 2000,
      clientLeftAt: leftAt,
      status: undefined,
    });
    expect(emulator.meter.jobs[0]).toMatchObject({ gpuMs: 2000, clientGoneAt: leftAt, endReason: 'deadline' });
  });

  test('generateContent and generateImages of a Vertex client', async () => {
    const { clock, emulator } = setUp({ retired: [] });
    const ai = vertexSdk(emulator);
    const config = { httpOptions: { timeout: 60_000 } };
    const image = ai.models.generateContent({ model: MODEL, contents: 'x', config });
    const images = ai.models.generateImages({ model: IMAGEN, prompt: 'x', config: { ...config, numberOfImages: 2 } });
    await emulator.waitFor((meter) => meter.jobs.length === 3);
    await clock.advance(4000);
    expect((await image).data).toBeTypeOf('string');
    expect((await images).generatedImages).toHaveLength(2);
    const [request] = emulator.meter.requestsTo('generateContent');
    expect(request).toMatchObject({ path: `${PROJECT}/models/${MODEL}:generateContent`, serverTimeoutMs: 60_000 });
    expect(emulator.meter.requestsTo('predict')).toMatchObject([
      { path: `${PROJECT}/models/${IMAGEN}:predict`, serverTimeoutMs: 60_000 },
    ]);
  });

  test('a 504 is an error with its status', async () => {
    const { ai, clock, emulator } = setUp({ queueMs: 0, workMs: 2000 });
    const config = { httpOptions: { headers: { 'X-Server-Timeout': '1' } } };
    const answer = expect(ai.models.generateContent({ model: MODEL, contents: 'x', config })).rejects.toMatchObject({
      status: 504,
    });
    await emulator.waitFor((meter) => meter.jobs.length === 1);
    await clock.advance(1000);
    await answer;
  });
});

test('faults of generateContent: the client sees them, the work goes on', async () => {
  const { ai, clock, emulator } = setUp({ queueMs: 0, faults: [{ kind: 'status', status: 500, when: 'after' }] });
  const answer = ai.models.generateContent({ model: MODEL, contents: 'x' });
  await expect(answer).rejects.toMatchObject({ status: 500 });
  await clock.advance(4000);
  expect(emulator.meter.jobs[0]).toMatchObject({ gpuMs: 4000, endReason: 'completed' });
});

test('a failed generateContent answers 500', async () => {
  const { ai, clock, emulator } = setUp({ queueMs: 0, faults: [{ kind: 'fail' }] });
  const answer = expect(ai.models.generateContent({ model: MODEL, contents: 'x' })).rejects.toMatchObject({
    status: 500,
  });
  await emulator.waitFor((meter) => meter.jobs.length === 1);
  await clock.advance(4000);
  await answer;
});

test('a client that leaves generateContent is gone; the work goes on to its end', async () => {
  const { ai, clock, emulator } = setUp({ queueMs: 0 });
  const controller = new AbortController();
  const config = { abortSignal: controller.signal };
  const answer = expect(ai.models.generateContent({ model: MODEL, contents: 'x', config })).rejects.toThrow();
  await emulator.waitFor((meter) => meter.jobs.length === 1);
  await clock.advance(1000);
  controller.abort();
  await answer;
  await clock.settle();
  const leftAt = clock.now();
  await clock.advance(10_000);
  expect(emulator.meter.jobs[0]).toMatchObject({ clientGoneAt: leftAt, gpuMs: 4000, endReason: 'completed' });
});
