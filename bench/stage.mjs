import { GoogleGenAI } from '@google/genai';
import { cancelable } from '../dist/node.js';
import { createEmulator } from '../dist/testing/node.js';

export const PARAMETERS = { model: 'gemini-3.1-flash-image', prompt: 'a lighthouse in fog' };

/** What the library sends for these parameters, and its options: the same request, without the SDK's retries. */
export const BODY = {
  model: PARAMETERS.model,
  input: PARAMETERS.prompt,
  background: true,
  response_format: { type: 'image' },
};
export const ONCE = { maxRetries: 0 };

/** An emulator in this process, a client of it, and what is told when a request gets there. */
export function openStage(options) {
  const emulator = createEmulator({ queueMs: 0, ...options });
  const arrivals = { onRequest: () => undefined };
  const fetch = (...args) => {
    arrivals.onRequest(new URL(args[0].url ?? args[0]).pathname);
    return emulator.fetch(...args);
  };
  const ai = new GoogleGenAI({ apiKey: 'any', httpOptions: { fetch } });
  return { emulator, arrivals, ai, images: cancelable(ai) };
}
