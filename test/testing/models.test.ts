import { GoogleGenAI } from '@google/genai';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { tagOf } from './image-tag.js';
import { BASE, errorOf, requests, setUp } from './helpers.js';

const IMAGEN = 'imagen-4.0-generate-001';
const PATH = `/v1beta1/projects/p/locations/us-central1/publishers/google/models/${IMAGEN}:predict`;

beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => undefined));
afterEach(() => vi.restoreAllMocks());

function vertex(options: Parameters<typeof setUp>[0] = {}) {
  const parts = setUp({ retired: [], ...options });
  const ai = new GoogleGenAI({ vertexai: true, apiKey: 'k', httpOptions: { fetch: parts.emulator.fetch } });
  return { ...parts, ai, send: requests(parts.emulator, BASE).send };
}

describe('predict', () => {
  test('generateImages of the SDK: one job an image, answered when all are done', async () => {
    const { ai, clock, emulator } = vertex();
    const answer = ai.models.generateImages({ model: IMAGEN, prompt: 'a fox', config: { numberOfImages: 3 } });
    await emulator.waitFor((meter) => meter.jobs.length === 3);
    await clock.advance(4000);
    const { generatedImages } = await answer;
    expect(generatedImages).toHaveLength(3);
    expect(new Set(generatedImages?.map(({ image }) => image?.imageBytes)).size).toBe(3);
    expect(generatedImages?.[0]?.image?.mimeType).toBe('image/png');
    expect(emulator.meter.jobs[2]).toMatchObject({
      kind: 'predict',
      name: undefined,
      index: 2,
      model: IMAGEN,
      gpuMs: 4000,
    });
    expect(emulator.meter.gpuMs()).toBe(12_000);
  });

  test.each([PATH, `/v1/publishers/google/models/${IMAGEN}:predict`, `/v1beta/models/${IMAGEN}:predict`])(
    'at %s',
    async (path) => {
      const { send, clock } = vertex();
      const answer = send('POST', path, { instances: [{ prompt: 'x' }], parameters: { sampleCount: 1 } });
      await clock.advance(4000);
      expect(await (await answer).json()).toEqual({
        predictions: [{ bytesBase64Encoded: expect.any(String) as string, mimeType: 'image/png' }],
      });
    },
  );

  test('burns on to the end after the client aborts', async () => {
    const { ai, clock, emulator } = vertex();
    const controller = new AbortController();
    const config = { numberOfImages: 2, abortSignal: controller.signal };
    const answer = expect(ai.models.generateImages({ model: IMAGEN, prompt: 'a fox', config })).rejects.toThrow();
    await emulator.waitFor((meter) => meter.jobs.length === 2);
    await clock.advance(1000);
    controller.abort();
    await answer;
    await emulator.waitFor((meter) => meter.requests[0]?.clientLeftAt !== undefined);
    const leftAt = clock.now();
    await clock.advance(60_000);
    expect(emulator.meter.requests[0]).toMatchObject({ clientLeftAt: leftAt, answeredAt: undefined });
    for (const job of emulator.meter.jobs) {
      expect(job).toMatchObject({ clientGoneAt: leftAt, gpuMs: 4000, endReason: 'completed' });
    }
  });

  test('each image says which job made it', async () => {
    const { ai, clock } = vertex();
    const make = async () => {
      const config = { numberOfImages: 2, seed: 7, outputMimeType: 'image/jpeg' };
      const answer = ai.models.generateImages({ model: IMAGEN, prompt: 'a fox', config });
      await clock.advance(4000);
      const bytes = (await answer).generatedImages?.map(({ image }) => Buffer.from(image?.imageBytes ?? '', 'base64'));
      return bytes?.map(tagOf);
    };
    const tags = [
      { job: 'predict/0', index: 0 },
      { job: 'predict/1', index: 1 },
    ];
    expect(await make()).toEqual(tags);
    expect(await make()).toEqual([
      { job: 'predict/2', index: 0 },
      { job: 'predict/3', index: 1 },
    ]);
  });

  test('refused ones are left out, or come with a reason when asked for', async () => {
    const { send, clock } = vertex({
      faults: [
        { kind: 'refuse', text: 'no', job: 0 },
        { kind: 'refuse', text: 'no', job: 2 },
      ],
    });
    const body = { instances: [{ prompt: 'x' }], parameters: { sampleCount: 2 } };
    const silent = send('POST', PATH, body);
    await clock.advance(4000);
    expect(((await (await silent).json()) as { predictions: unknown[] }).predictions).toHaveLength(1);
    const telling = send('POST', PATH, { ...body, parameters: { sampleCount: 2, includeRaiReason: true } });
    await clock.advance(4000);
    expect(await (await telling).json()).toMatchObject({
      predictions: [{ raiFilteredReason: 'no' }, { mimeType: 'image/png' }],
    });
  });

  test('500 when all have failed', async () => {
    const { send, clock } = vertex({ faults: [{ kind: 'fail' }] });
    const answer = send('POST', PATH, { instances: [{ prompt: 'x' }], parameters: { sampleCount: 2 } });
    await clock.advance(4000);
    expect(await errorOf(await answer)).toMatchObject({ http: 500, status: 'INTERNAL' });
  });

  test.each([
    ['no prompt', { parameters: {} }],
    ['too many', { instances: [{ prompt: 'x' }], parameters: { sampleCount: 5 } }],
    ['a ratio that does not exist', { instances: [{ prompt: 'x' }], parameters: { aspectRatio: '7:5' } }],
  ])('400: %s', async (_, body) => {
    const { send, emulator } = vertex();
    expect((await send('POST', PATH, body)).status).toBe(400);
    expect(emulator.meter.jobs).toEqual([]);
  });

  test('faults: an answer lost', async () => {
    const { send, emulator } = vertex({ faults: [{ kind: 'reset', when: 'after', route: 'predict', model: IMAGEN }] });
    const answer = send('POST', PATH, { instances: [{ prompt: 'x' }], parameters: { sampleCount: 2 } });
    await expect(answer).rejects.toThrow('fetch failed');
    expect(emulator.meter.running()).toHaveLength(2);
  });
});

describe('generateContent', () => {
  test('one job, its image inline', async () => {
    const { ai, clock, emulator } = setUp({ queueMs: 0 });
    const answer = ai.models.generateContent({
      model: 'gemini-3.1-flash-image',
      contents: 'a fox',
      config: { responseModalities: ['IMAGE'], imageConfig: { aspectRatio: '16:9' }, seed: 3 },
    });
    await emulator.waitFor((meter) => meter.jobs.length === 1);
    await clock.advance(4000);
    const response = await answer;
    expect(response.data).toBeTypeOf('string');
    expect(response.candidates?.[0]?.content?.parts?.[0]?.inlineData?.mimeType).toBe('image/jpeg');
    expect(response.usageMetadata).toMatchObject({ candidatesTokenCount: 1120 });
    expect(emulator.meter.jobs[0]).toMatchObject({ kind: 'generateContent', name: undefined, gpuMs: 4000 });
  });

  test('a refusal is text', async () => {
    const { ai, clock, emulator } = setUp({ faults: [{ kind: 'refuse', text: 'No.' }] });
    const answer = ai.models.generateContent({ model: 'm', contents: 'a fox' });
    await emulator.waitFor((meter) => meter.jobs.length === 1);
    await clock.advance(5000);
    expect((await answer).text).toBe('No.');
  });
});
