// The package together with the real SDK and the real msw, as the README has it. Only compiled.
import { GoogleGenAI, type GenerateImagesResponse } from '@google/genai';
import { cancelable } from 'genai-cancel';
import { createEmulator, mswHandlers } from 'genai-cancel/testing';
import { http } from 'msw';
import { setupServer } from 'msw/node';

const emulator = createEmulator({ apiKey: 'a-key' });

export async function overHttp(): Promise<GenerateImagesResponse> {
  await using server = await emulator.listen();
  const ai = new GoogleGenAI({ apiKey: 'a-key', httpOptions: { baseUrl: server.url } });
  return await cancelable(ai).generateImages({ model: 'a-model', prompt: 'a lighthouse in fog' });
}

export const inProcess = new GoogleGenAI({ apiKey: 'a-key', httpOptions: { fetch: emulator.fetch } });

export const intercepted = setupServer(...mswHandlers(emulator, http));

// @ts-expect-error what is wrapped is the client, not one of its modules
cancelable(inProcess.models);
