import { http } from 'msw';
import { setupServer } from 'msw/node';
import { GoogleGenAI } from '@google/genai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEmulator, mswHandlers } from '../../src/testing/index.js';
import { CREATE, NO_RETRY } from './helpers.js';

const VERTEX = 'https://us-central1-aiplatform.googleapis.com';
const emulator = createEmulator({ queueMs: 0, workMs: 5 });
const server = setupServer(...mswHandlers(emulator, http), ...mswHandlers(emulator, http, `${VERTEX}/`));
const ai = new GoogleGenAI({ apiKey: 'k' });

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterAll(() => server.close());

test('the SDK reaches the emulator at its default address', async () => {
  const { id } = await ai.interactions.create(CREATE, NO_RETRY);
  const types: string[] = [];
  for await (const event of await ai.interactions.get(id, { stream: true }, NO_RETRY)) types.push(event.event_type);
  expect(types.at(-1)).toBe('interaction.completed');
  expect((await ai.interactions.get(id, {}, NO_RETRY)).output_image?.mime_type).toBe('image/jpeg');
});

test('or at another', async () => {
  const response = await fetch(`${VERTEX}/v1/projects/p/locations/l/interactions/x`, {
    headers: { authorization: 'Bearer t' },
  });
  expect(response.status).toBe(404);
  expect(emulator.meter.requests.at(-1)).toMatchObject({ route: 'get' });
});

test('a reset is a network error', async () => {
  const remove = emulator.addFault({ kind: 'reset' });
  await expect(ai.interactions.get('x', {}, NO_RETRY)).rejects.toThrow(/Connection error|fetch/i);
  remove();
});
