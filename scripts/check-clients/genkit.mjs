/** The calls of genkit, with both plugins. Interactions are there for agents only, and there are no batches. */
import { googleAI, vertexAI } from '@genkit-ai/google-genai';
import { genkit } from 'genkit';
import { MODEL, RETIRED, failure, idle, isJpeg, listOf, run, same } from './run.mjs';

const network = globalThis.fetch;
// The plugin of Vertex AI has no setting for another host. Its key, which names the emulator, says which one is meant.
globalThis.fetch = (url, init) =>
  network(String(url).replace('https://aiplatform.googleapis.com', init?.headers?.['x-goog-api-key']), init);

const clientOf = (url) => ({
  ai: genkit({ plugins: [googleAI({ apiKey: 'k', baseUrl: url }), vertexAI({ apiKey: url })] }),
});
const isImage = ({ url, contentType }) => contentType === 'image/jpeg' && isJpeg(url.split(',')[1]);
const requestTo = (plugin, model = MODEL) => ({ model: plugin.model(model), prompt: 'a fox' });
const AGENT = requestTo(googleAI, 'deep-research-preview-04-2026');

const callsOf = (name, plugin) => ({
  [`${name}: generate()`]: async ({ ai }) => {
    const { media, finishReason, usage } = await ai.generate(requestTo(plugin));
    same([isImage(media), finishReason, usage.inputTokens, usage.thoughtsTokens], [true, 'stop', 2, 224]);
  },
  [`${name}: generateStream()`]: async ({ ai }) => {
    const { stream, response } = ai.generateStream(requestTo(plugin));
    const [{ media }] = await listOf(stream);
    same([isImage(media), isImage((await response).media)], [true, true]);
  },
  [`${name}: errors`]: async ({ ai, emulator }) => {
    const gone = await failure(ai.generate(requestTo(plugin, RETIRED[1])));
    same(/\[404 Not Found\].*no longer available/.test(gone.message), true);
    emulator.addFault({ kind: 'status', status: 429 });
    const { status, detail } = await failure(ai.generate(requestTo(plugin)));
    same([status, detail.error.details.at(-1).retryDelay], ['RESOURCE_EXHAUSTED', '34.4s']);
  },
});
const agentCalls = {
  'googleAI: checkOperation() of an agent': async ({ ai, emulator }) => {
    const { operation } = await ai.generate(AGENT);
    same((await ai.checkOperation(operation)).done, false);
    await idle(emulator);
    const { done, output } = await ai.checkOperation(operation);
    const { contentType } = output.message.content.at(-1).media;
    same([done, output.finishReason, contentType], [true, 'stop', 'image/png']);
  },
  'googleAI: cancelOperation() of an agent': async ({ ai, emulator }) => {
    const { operation } = await ai.generate(AGENT);
    same((await ai.cancelOperation(operation)).output.finishReason, 'aborted');
    same((await ai.checkOperation(operation)).output.finishReason, 'aborted');
    same(emulator.meter.jobs[0].endReason, 'cancelled');
  },
};
const abortsOf = (name, plugin) => ({
  [`${name}: generate()`]: ({ ai }, abortSignal) => ai.generate({ ...requestTo(plugin), abortSignal }),
  [`${name}: generateStream()`]: ({ ai }, abortSignal) => {
    const { stream, response } = ai.generateStream({ ...requestTo(plugin), abortSignal });
    return Promise.all([response, listOf(stream)]);
  },
});

await run(clientOf, {
  calls: { ...callsOf('googleAI', googleAI), ...agentCalls, ...callsOf('vertexAI (its fetch replaced)', vertexAI) },
  aborts: { ...abortsOf('googleAI', googleAI), ...abortsOf('vertexAI', vertexAI) },
});
