/** The calls of LangChain. It has neither interactions nor batches of Google's: its `batch()` is several calls at once. */
import { ChatGoogleGenerativeAI } from '@langchain/google-genai';
import { MODEL, RETIRED, failure, isJpeg, listOf, routes, run, same } from './run.mjs';

const chatOf = (model, baseUrl) => new ChatGoogleGenerativeAI({ model, apiKey: 'k', baseUrl, maxRetries: 0 });
const clientOf = (url) => ({ chat: chatOf(MODEL, url), retired: chatOf(RETIRED[1], url) });
const isImage = ([{ inlineData }]) => inlineData.mimeType === 'image/jpeg' && isJpeg(inlineData.data);

const calls = {
  'invoke()': async ({ chat }) => {
    const { content, usage_metadata: usage, response_metadata: metadata } = await chat.invoke('a fox');
    same([isImage(content), usage.input_tokens, metadata.finishReason], [true, 2, 'STOP']);
  },
  'stream()': async ({ chat, emulator }) => {
    const [{ content }, end] = await listOf(chat.stream('a fox'));
    same([isImage(content), end.response_metadata.finishReason], [true, 'STOP']);
    same(routes(emulator), ['streamGenerateContent']);
  },
  'batch()': async ({ chat }) => {
    const answers = await chat.batch(['a fox', 'an owl']);
    same(answers.filter(({ content }) => isImage(content)).length, 2);
  },
  errors: async ({ chat, retired, emulator }) => {
    const gone = await failure(retired.invoke('a fox'));
    same([gone.status, /no longer available/.test(gone.message)], [404, true]);
    emulator.addFault({ kind: 'status', status: 429 });
    const { status, errorDetails } = await failure(chat.invoke('a fox'));
    same([status, errorDetails.at(-1).retryDelay], [429, '34.4s']);
  },
};
const aborts = {
  'invoke()': ({ chat }, signal) => chat.invoke('a fox', { signal }),
  'stream()': ({ chat }, signal) => listOf(chat.stream('a fox', { signal })),
  'batch()': ({ chat }, signal) => chat.batch(['a fox'], { signal }),
};
await run(clientOf, { calls, aborts });
