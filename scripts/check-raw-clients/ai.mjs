/** Has the AI SDK and its Google provider parse the emulator. Their schemas are strict: they refuse other statuses. */
import assert from 'node:assert/strict';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import * as ai from 'ai';
import { failure, idle, isJpeg, parse, pluck, versionOf } from './parsed.mjs';

const MODEL = 'gemini-3.1-flash-image';
const ONCE = { maxRetries: 0, prompt: 'a fox' };
const google = ({ url }) => createGoogleGenerativeAI({ apiKey: 'k', baseURL: `${url}/v1beta` });
/** The part of a step that all have: a provider, and its model by the API of interactions. */
const prepare = (parts) => ({ ...parts, provider: google(parts), model: google(parts).interactions(MODEL) });
const routes = ({ meter }) => pluck(meter.requests, 'route');
const images = (files) => files.filter(({ mediaType }) => mediaType === 'image/jpeg');
const withOptions = (options) => ({ providerOptions: { google: { responseModalities: ['image'], ...options } } });
/** Unwraps the error that the SDK throws for an answer. */
const callError = (error) =>
  error.statusCode === undefined && error.cause !== undefined ? callError(error.cause) : error;
globalThis.AI_SDK_LOG_WARNINGS = false;

const steps = {
  generateImage: async ({ emulator, provider }) => {
    const { image } = await ai.generateImage({ model: provider.image(MODEL), aspectRatio: '16:9', ...ONCE });
    assert.equal(image.mediaType, 'image/jpeg');
    assert.ok(isJpeg(image.base64));
    assert.deepEqual(routes(emulator), ['generateContent']);
  },
  'generateText (generateContent)': async ({ provider }) => {
    const { files, usage } = await ai.generateText({
      model: provider(MODEL),
      providerOptions: { google: { responseModalities: ['TEXT', 'IMAGE'] } },
      ...ONCE,
    });
    assert.equal(images(files).length, 1);
    assert.equal(usage.inputTokens, 2);
  },
  'streamText (streamGenerateContent)': async ({ emulator, provider }) => {
    const { files } = ai.streamText({
      model: provider(MODEL),
      providerOptions: { google: { responseModalities: ['TEXT', 'IMAGE'] } },
      ...ONCE,
    });
    assert.equal(images(await files).length, 1);
    assert.deepEqual(routes(emulator), ['streamGenerateContent']);
  },
  'generateText (interactions)': async ({ model }) => {
    const { files, finishReason, usage } = await ai.generateText({ model, ...withOptions({}), ...ONCE });
    assert.equal(images(files).length, 1);
    assert.deepEqual([finishReason, usage.inputTokens], ['stop', 2]);
  },
  'streamText (interactions)': async ({ model }) => {
    const { files, finishReason } = ai.streamText({ model, ...withOptions({}), ...ONCE });
    assert.equal(images(await files).length, 1);
    assert.equal(await finishReason, 'stop');
  },
  'generateText (interactions, background)': async ({ emulator, model }) => {
    const { files } = await ai.generateText({ model, ...withOptions({ background: true }), ...ONCE });
    assert.equal(images(files).length, 1);
    assert.deepEqual(routes(emulator), ['create', 'get']);
  },
  'streamText (interactions, background)': async ({ emulator, model }) => {
    const { files } = ai.streamText({ model, ...withOptions({ background: true }), ...ONCE });
    assert.equal(images(await files).length, 1);
    assert.deepEqual(routes(emulator), ['create', 'stream']);
  },
  'interactions, cancelled by an abort': async ({ emulator, model }) => {
    const controller = new AbortController();
    const { signal: abortSignal } = controller;
    const answer = failure(ai.generateText({ model, abortSignal, ...withOptions({ background: true }), ...ONCE }));
    await emulator.waitFor((meter) => meter.requestsTo('get').length === 1);
    controller.abort();
    await answer;
    await emulator.waitFor((meter) => meter.jobs[0].endReason === 'cancelled');
  },
  'interactions, next turn and not stored': async ({ model }) => {
    const first = await ai.generateText({ model, ...withOptions({}), ...ONCE });
    const { interactionId: previousInteractionId } = first.providerMetadata.google;
    const next = await ai.generateText({ model, ...withOptions({ previousInteractionId }), ...ONCE });
    assert.equal(images(next.files).length, 1);
    const last = await ai.generateText({ model, ...withOptions({ store: false }), ...ONCE });
    assert.equal(images(last.files).length, 1);
    assert.equal(last.providerMetadata.google.interactionId, undefined);
  },
  batches: async ({ emulator, provider }) => {
    const requests = ['a', 'b'].map((id) => ({ id, type: 'image', model: MODEL, prompt: id }));
    const batch = await ai.experimental_startBatch({ provider, requests });
    assert.equal(batch.status, 'pending');
    await idle(emulator);
    const status = await ai.experimental_getBatchStatus({ provider, batch });
    assert.deepEqual([status.status, status.requestCounts.completed], ['completed', 2]);
    const results = await Array.fromAsync(ai.experimental_getBatchResults({ provider, batch }));
    assert.deepEqual(pluck(results, 'id'), ['a', 'b']);
    const listed = await ai.experimental_listBatches({ provider });
    assert.equal(listed.batches.length, 1);
    const second = await ai.experimental_startBatch({ provider, requests });
    await ai.experimental_cancelBatch({ provider, batch: second });
    assert.equal((await ai.experimental_getBatchStatus({ provider, batch: second })).status, 'failed');
  },
  'batches from a file': async ({ emulator, provider }) => {
    // A request over 20 MB does not go inline.
    const prompt = 'x'.repeat(21_000_000);
    const batch = await ai.experimental_startBatch({
      provider,
      requests: [{ id: 'a', type: 'image', model: MODEL, prompt }],
    });
    await idle(emulator);
    const results = await Array.fromAsync(ai.experimental_getBatchResults({ provider, batch }));
    assert.deepEqual(pluck(results, 'id'), ['a']);
    const sent = routes(emulator);
    assert.deepEqual(sent.slice(0, 3), ['file-upload', 'file-upload', 'batch-create']);
    assert.equal(sent.at(-1), 'file');
  },
  files: async ({ provider }) => {
    const files = provider.files();
    const data = { type: 'data', data: Buffer.from('{}') };
    const { providerMetadata } = await files.uploadFile({ data, mediaType: 'application/jsonl' });
    assert.equal(providerMetadata.google.state, 'ACTIVE');
  },
  errors: async ({ emulator, provider }) => {
    const told = async (promise) => {
      const { statusCode, message, data } = callError(await failure(promise));
      return { statusCode, message, retryDelay: data?.error.details?.at(-1).retryDelay };
    };
    emulator.addFault({ kind: 'status', status: 429, message: 'slowly', route: 'generateContent', times: 1 });
    const limited = await told(ai.generateImage({ model: provider.image(MODEL), ...ONCE }));
    assert.deepEqual(limited, { statusCode: 429, message: 'slowly', retryDelay: '34.4s' });
    const gone = await told(ai.generateImage({ model: provider.image('gemini-2.5-flash-image'), ...ONCE }));
    assert.deepEqual([gone.statusCode, /no longer available/.test(gone.message)], [404, true]);
    const refused = ai.generateText({ model: provider.interactions('gemini-2.5-flash-image'), ...ONCE });
    assert.equal((await told(refused)).statusCode, 404);
  },
};

await parse(`${versionOf('ai')} with ${versionOf('@ai-sdk/google')}`, prepare, steps, {
  'interactions, cancelled by an abort': { workMs: 60_000 },
  batches: { batchQueueMs: 300 },
});
