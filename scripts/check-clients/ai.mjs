/** The calls of the AI SDK with one of its providers for Google. Its schemas are strict: they refuse other statuses. */
import * as ai from 'ai';
import { MODEL, RETIRED, failure, idle, isJpeg, listOf, routes, run, same } from './run.mjs';

const IS_VERTEX = process.argv[2] === '@ai-sdk/google-vertex';
const { createGoogleGenerativeAI, createVertex } = await import(process.argv[2]);
const googleAuthOptions = { authClient: { getAccessToken: async () => ({ token: 't' }) } };
function clientOf(url) {
  if (!IS_VERTEX) return clientWith(createGoogleGenerativeAI({ apiKey: 'k', baseURL: `${url}/v1beta` }));
  const where = { project: 'p', location: 'global', googleAuthOptions };
  const baseURL = `${url}/v1beta1/projects/p/locations/global`;
  // The address of the models is not that of interactions, and it has one setting for both.
  const { interactions } = createVertex({ ...where, baseURL });
  return clientWith(createVertex({ ...where, baseURL: `${baseURL}/publishers/google` }), interactions);
}
const clientWith = (provider, interactions = provider.interactions) => ({
  provider,
  image: (model = MODEL) => ({ model: provider.image(model), ...ONCE }),
  content: { model: provider(MODEL), ...withOptions({ responseModalities: ['TEXT', 'IMAGE'] }) },
  turn: (options, model = MODEL) => ({ model: interactions(model), ...withOptions(options) }),
});

const ONCE = { maxRetries: 0, prompt: 'a fox' };
const BACKGROUND = { background: true };
const withOptions = (options) => ({
  ...ONCE,
  providerOptions: { google: { responseModalities: ['image'], ...options } },
});

async function holdsImage({ files, finishReason, usage }) {
  const [image, ...others] = (await files).filter(({ mediaType }) => mediaType === 'image/jpeg');
  same([isJpeg(image.base64), others, await finishReason, (await usage).inputTokens], [true, [], 'stop', 2]);
}

/** Returns the error of an answer. The SDK may wrap it in others. */
async function told(promise) {
  let error = await failure(promise);
  while (error.statusCode === undefined && error.cause !== undefined) error = error.cause;
  return error;
}

const calls = {
  'generateImage()': async ({ image, emulator }) => {
    const { image: made } = await ai.generateImage({ ...image(), aspectRatio: '16:9' });
    same([made.mediaType, isJpeg(made.base64), ...routes(emulator)], ['image/jpeg', true, 'generateContent']);
  },
  'generateText()': async ({ content }) => holdsImage(await ai.generateText(content)),
  'streamText()': async ({ content, emulator }) => {
    await holdsImage(ai.streamText(content));
    same(routes(emulator), ['streamGenerateContent']);
  },
  'generateText(), interactions': async ({ turn }) => holdsImage(await ai.generateText(turn())),
  'streamText(), interactions': async ({ turn }) => holdsImage(ai.streamText(turn())),
  'generateText(), interactions, background': async ({ turn, emulator }) => {
    await holdsImage(await ai.generateText(turn(BACKGROUND)));
    same([...new Set(routes(emulator))], ['create', 'get']);
  },
  'streamText(), interactions, background': async ({ turn, emulator }) => {
    await holdsImage(ai.streamText(turn(BACKGROUND)));
    same(routes(emulator), ['create', 'stream']);
  },
  'generateText(), interactions, next turn, not stored': async ({ turn }) => {
    const { interactionId: previousInteractionId } = (await ai.generateText(turn())).providerMetadata.google;
    await holdsImage(await ai.generateText(turn({ previousInteractionId })));
    const last = await ai.generateText(turn({ store: false }));
    await holdsImage(last);
    same(last.providerMetadata.google.interactionId, undefined);
  },
  errors: async ({ image, turn, emulator }) => {
    const gone = await told(ai.generateImage(image(RETIRED[1])));
    same([gone.statusCode, /no longer available/.test(gone.message)], [404, true]);
    same((await told(ai.generateText(turn({}, RETIRED[1])))).statusCode, 404);
    emulator.addFault({ kind: 'status', status: 429, message: 'slowly' });
    const { statusCode, message, responseBody } = await told(ai.generateImage(image()));
    const { retryDelay } = JSON.parse(responseBody).error.details.at(-1);
    same([statusCode, message, retryDelay], [429, 'slowly', '34.4s']);
  },
};

/** Only the provider of the Gemini API has them. */
const callsOfGemini = {
  batches: async ({ provider, emulator }) => {
    const requests = ['a', 'b'].map((id) => ({ id, type: 'image', model: MODEL, prompt: id }));
    const batch = await ai.experimental_startBatch({ provider, requests });
    await idle(emulator);
    const { status, requestCounts } = await ai.experimental_getBatchStatus({ provider, batch });
    same([batch.status, status, requestCounts.completed], ['pending', 'completed', 2]);
    same(idsOf(await listOf(ai.experimental_getBatchResults({ provider, batch }))), 'ab');
    same((await ai.experimental_listBatches({ provider })).batches.length, 1);
    const second = await ai.experimental_startBatch({ provider, requests });
    await ai.experimental_cancelBatch({ provider, batch: second });
    same((await ai.experimental_getBatchStatus({ provider, batch: second })).status, 'failed');
  },
  'batches from a file': async ({ provider, emulator }) => {
    // A request over 20 MB does not go inline.
    const requests = [{ id: 'a', type: 'image', model: MODEL, prompt: 'x'.repeat(21_000_000) }];
    const batch = await ai.experimental_startBatch({ provider, requests });
    await idle(emulator);
    same(idsOf(await listOf(ai.experimental_getBatchResults({ provider, batch }))), 'a');
    same(routes(emulator).slice(0, 3), ['file-upload', 'file-upload', 'batch-create']);
    same(routes(emulator).at(-1), 'file');
  },
  files: async ({ provider }) => {
    const data = { type: 'data', data: Buffer.from('{}') };
    const { providerMetadata } = await provider.files().uploadFile({ data, mediaType: 'application/jsonl' });
    same(providerMetadata.google.state, 'ACTIVE');
  },
};
const idsOf = (results) => results.map(({ id }) => id).join('');

const { generateImage, generateText } = ai;
const streamText = (options) => ai.streamText(options).consumeStream();
const aborts = {
  'generateImage()': ({ image }, abortSignal) => generateImage({ ...image(), abortSignal }),
  'generateText()': ({ content }, abortSignal) => generateText({ ...content, abortSignal }),
  'streamText()': ({ content }, abortSignal) => streamText({ ...content, abortSignal }),
  'generateText(), interactions': ({ turn }, abortSignal) => generateText({ ...turn(), abortSignal }),
  'streamText(), interactions': ({ turn }, abortSignal) => streamText({ ...turn(), abortSignal }),
  'generateText(), interactions, background': ({ turn }, abortSignal) =>
    generateText({ ...turn(BACKGROUND), abortSignal }),
  'streamText(), interactions, background': ({ turn }, abortSignal) => streamText({ ...turn(BACKGROUND), abortSignal }),
};
await run(clientOf, { calls: IS_VERTEX ? calls : { ...calls, ...callsOfGemini }, aborts });
