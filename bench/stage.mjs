import { GoogleGenAI } from '@google/genai';
import { cancelable } from '../dist/node.js';
import { createEmulator } from '../dist/testing/node.js';

export const PARAMETERS = { model: 'gemini-3.1-flash-image', prompt: 'a lighthouse in fog' };

/** Body and options of the library's own request for these parameters: the same request, without the SDK's retries. */
const { model, prompt: input } = PARAMETERS;
export const BODY = { model, input, background: true, response_format: { type: 'image' } };
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

/** Rounds that are thrown away: they pay for the compiler. */
const WARM_UP = 20;

/**
 * Times two ways of doing the same thing, turn by turn in one process, so that whatever else the machine does hits both.
 * A way is an async function that gives the milliseconds to be counted.
 */
export async function versus(name, rounds, { plain, ours }) {
  const times = { plain: [], ours: [] };
  for (let round = 0; round < WARM_UP + rounds; round++) {
    const order = round % 2 === 0 ? ['plain', 'ours'] : ['ours', 'plain'];
    for (const side of order) {
      const ms = await { plain, ours }[side]();
      if (round >= WARM_UP) times[side].push(ms);
    }
  }
  return { name, plainMs: median(times.plain), oursMs: median(times.ours) };
}

export async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
