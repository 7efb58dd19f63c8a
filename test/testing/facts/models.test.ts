import { describe, expect, test } from 'vitest';
import { tagOf } from '../image-tag.js';
import { MODEL } from '../helpers.js';
import { CONTENT, contentPath, raw } from './raw.js';

const IMAGEN = 'imagen-4.0-generate-001';
const VERTEX = '/v1beta1/projects/p/locations/us-central1';
const PREDICT = { instances: [{ prompt: 'a fox' }], parameters: { sampleCount: 1 } };
const BATCH = { batch: { inputConfig: { requests: { requests: [{ request: CONTENT }] } } } };
const SHUT_DOWN = ['gemini-2.5-flash-image', 'gemini-3.1-flash-image-preview', 'gemini-3-pro-image-preview'];
const SERVED = ['gemini-3.1-flash-image', 'gemini-3-pro-image', 'gemini-nano-banana-2.1'];

describe('models that were shut down', () => {
  test.each([
    [contentPath(IMAGEN), CONTENT],
    [`/v1beta/models/${IMAGEN}:predict`, PREDICT],
    [`${VERTEX}/publishers/google/models/${IMAGEN}:predict`, PREDICT],
  ])('[G] Imagen, on both hosts: %s', async (path, body) => {
    const { ask, emulator } = raw();
    expect(await ask('POST', path, body)).toMatchObject({
      status: 404,
      body: { error: { code: 404, status: 'NOT_FOUND' } },
    });
    expect(emulator.meter.jobs).toEqual([]);
  });

  test('[?] or it still serves on Vertex', async () => {
    const { work } = raw({ retired: [] });
    const answer = await work('POST', `${VERTEX}/publishers/google/models/${IMAGEN}:predict`, PREDICT);
    expect(answer.status).toBe(200);
  });

  test.each(SHUT_DOWN)('[G] %s', async (model) => {
    const { ask, create, emulator } = raw();
    expect(await create({ model })).toMatchObject({ status: 404, body: { error: { code: 'model_not_found' } } });
    for (const action of ['generateContent', 'streamGenerateContent', 'batchGenerateContent']) {
      const answer = await ask('POST', `/v1beta/models/${model}:${action}`, BATCH);
      expect(answer).toMatchObject({ status: 404, body: { error: { code: 404, status: 'NOT_FOUND' } } });
    }
    expect((await ask('GET', `/v1beta/models/${model}`)).status).toBe(404);
    expect(emulator.meter.jobs).toEqual([]);
  });
});

describe('models that serve', () => {
  test.each(SERVED)('[G] %s', async (model) => {
    const warnings: string[] = [];
    const { ask, create } = raw({ models: 'strict', warn: (message) => warnings.push(message) });
    expect((await create({ model })).status).toBe(200);
    const { body } = await ask('GET', `/v1beta/models/${model}`);
    expect(body).toMatchObject({ name: `models/${model}` });
    expect(body.supportedGenerationMethods).toContain('generateContent');
    expect(warnings).toEqual([]);
  });

  test.each(SERVED)('[L] %s answers with image/jpeg, also when PNG was asked for', async (model) => {
    const { clock, create, get, work } = raw();
    const { id } = (await create({ model, response_format: { type: 'image', mime_type: 'image/png' } })).body;
    await clock.advance(4000);
    const [image] = (await get(id)).body.steps.at(-1)?.content ?? [];
    expect(image).toMatchObject({ type: 'image', mime_type: 'image/jpeg' });
    expect(Buffer.from(String(image?.['data']), 'base64').subarray(0, 2)).toEqual(Buffer.of(0xff, 0xd8));
    const { candidates } = (await work('POST', contentPath(model), CONTENT)).body;
    expect(candidates[0]?.content.parts[0]).toMatchObject({ inlineData: { mimeType: 'image/jpeg' } });
  });

  test('[G] image/jpeg is what a response_format may ask for', async () => {
    const { create } = raw();
    expect((await create({ response_format: { type: 'image', mime_type: 'image/jpeg' } })).status).toBe(200);
  });
});

describe('a model that no list has', () => {
  test('is taken for an image model, with one warning', async () => {
    const warnings: string[] = [];
    const { create } = raw({ warn: (message) => warnings.push(message) });
    expect((await create({ model: 'my-model' })).status).toBe(200);
    expect((await create({ model: 'my-model' })).status).toBe(200);
    expect((await create({ model: '' })).status).toBe(400);
    expect(warnings).toEqual([
      'The emulator does not know the model "my-model" and takes it for an image model. ' +
        'Known: gemini-3.1-flash-image, gemini-3.1-flash-lite-image, gemini-3-pro-image, gemini-nano-banana-2.1',
    ]);
  });

  test('is 404 with `strict`, as it is with Google', async () => {
    const { ask, create } = raw({ models: 'strict' });
    expect((await create({ model: 'my-model' })).body.error.code).toBe('model_not_found');
    expect((await ask('POST', contentPath('my-model'), CONTENT)).body.error).toMatchObject({
      code: 404,
      message: 'models/my-model is not found for API version v1beta.',
    });
  });

  test('but an agent is no model', async () => {
    const { create } = raw({ models: 'strict' });
    expect((await create({ model: undefined, agent: 'deep-research' })).status).toBe(200);
  });
});

describe('API versions', () => {
  test.each(['v1beta', 'v1'])('[M] %s is one', async (version) => {
    const { ask } = raw();
    expect((await ask('GET', `/${version}/models/${MODEL}`)).status).toBe(200);
  });

  test.each([
    ['works', {}, 200],
    ['answers 400', { apiVersions: ['v1beta'] }, 400],
  ])('[?] /v1/interactions %s', async (_, options, status) => {
    const { ask } = raw(options);
    const body = { model: MODEL, input: 'a fox', background: true };
    expect((await ask('POST', '/v1/interactions', body)).status).toBe(status);
  });
});

describe('fire and forget', () => {
  test('[G] generateContent has no name, and the work goes on when the client leaves', async () => {
    const { clock, emulator, send } = raw();
    const controller = new AbortController();
    const answer = expect(send('POST', contentPath(), CONTENT, { signal: controller.signal })).rejects.toThrow();
    await clock.advance(1000);
    controller.abort();
    await answer;
    await clock.advance(5000);
    expect(emulator.meter.jobs[0]).toMatchObject({ name: undefined, gpuMs: 4000, endReason: 'completed' });
  });

  test.each([
    ['stops there', {}, 504, 1000],
    ['goes on', { honoursServerTimeout: false }, 200, 4000],
  ])('[M] X-Server-Timeout is a deadline for the server, which %s', async (_, options, status, gpuMs) => {
    const { clock, emulator, ask } = raw(options);
    const answer = ask('POST', contentPath(), CONTENT, { headers: { 'x-server-timeout': '1' } });
    await clock.advance(5000);
    expect((await answer).status).toBe(status);
    expect(emulator.meter.gpuMs()).toBe(gpuMs);
  });

  test('[L] generateContent tells all about tokens, and the service tier', async () => {
    const { work } = raw();
    const { usageMetadata, candidates } = (await work('POST', contentPath(), CONTENT)).body;
    expect(usageMetadata).toEqual({
      promptTokenCount: 2,
      candidatesTokenCount: 1120,
      totalTokenCount: 1346,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: 2 }],
      candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 1120 }],
      thoughtsTokenCount: 224,
      serviceTier: 'standard',
    });
    expect(candidates[0]?.finishReason).toBe('STOP');
  });

  test('[G] its image has a thought signature, for the next turn', async () => {
    const { work } = raw({ thoughtSignatureLength: 1000 });
    const { candidates } = (await work('POST', contentPath(), CONTENT)).body;
    expect(candidates[0]?.content.parts[0]?.['thoughtSignature']).toHaveLength(1000);
  });

  test('[L] a refusal without words has no parts', async () => {
    const { work } = raw({ faults: [{ kind: 'refuse', text: '' }] });
    const { candidates, usageMetadata } = (await work('POST', contentPath(), CONTENT)).body;
    expect(candidates).toEqual([{ content: {}, finishReason: 'NO_IMAGE', index: 0 }]);
    expect(usageMetadata).not.toHaveProperty('candidatesTokenCount');
  });

  test('[M] :streamGenerateContent sends its pieces as events', async () => {
    const { work } = raw();
    const path = `/v1beta/models/${MODEL}:streamGenerateContent`;
    const { headers, text } = await work('POST', `${path}?alt=sse`, CONTENT);
    expect(headers.get('content-type')).toBe('text/event-stream');
    const chunks = text
      .trim()
      .split('\r\n\r\n')
      .map((event) => JSON.parse(event.replace('data: ', '')) as { candidates: { finishReason?: string }[] });
    expect(chunks.map(({ candidates }) => candidates[0]?.finishReason)).toEqual([undefined, 'STOP']);
    const list = JSON.parse((await work('POST', path, CONTENT)).text) as unknown[];
    expect(list).toHaveLength(2);
  });
});

describe('images in', () => {
  const image = (mimeType: string) => ({ input: [{ type: 'image', mime_type: mimeType, data: 'AA==' }] });

  test.each('png jpeg webp heic heif gif bmp tiff'.split(' '))('[G] interactions take image/%s', async (name) => {
    const { create } = raw();
    expect((await create(image(`image/${name}`))).status).toBe(200);
  });

  test('[G] and no other type, but addresses', async () => {
    const { create } = raw();
    expect((await create(image('image/svg+xml'))).status).toBe(400);
    expect(
      (
        await create({
          input: [
            { type: 'text', text: 'x' },
            { type: 'image', uri: 'files/x' },
          ],
        })
      ).status,
    ).toBe(200);
  });

  test.each([
    ['generateContent', contentPath(), (text: string) => ({ contents: [{ parts: [{ text }] }] }), {}, 400],
    ['interactions', '/v1beta/interactions', (input: string) => ({ model: MODEL, input, background: true }), {}, 200],
    [
      'interactions, as set',
      '/v1beta/interactions',
      (input: string) => ({ model: MODEL, input, background: true }),
      { interactionLimitBytes: 20 * 2 ** 20 },
      400,
    ],
  ] as const)('a request of more than 20 MB, [G] of generateContent, [?] of interactions: %s', async (...row) => {
    const [, path, body, options, status] = row;
    const { ask } = raw(options);
    expect((await ask('POST', path, body('x'.repeat(20 * 2 ** 20)))).status).toBe(status);
  });
});

test('each image says which job made it', async () => {
  const { work } = raw();
  const { candidates } = (await work('POST', contentPath(), CONTENT)).body;
  const { data } = candidates[0]?.content.parts[0]?.['inlineData'] as { data: string };
  expect(tagOf(Buffer.from(data, 'base64'))).toEqual({ job: 'generateContent/0', index: 0 });
});
