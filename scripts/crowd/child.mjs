/** One process with many operations in flight. Prints `ready` at the trigger. */
import { GoogleGenAI } from '@google/genai';
import { cancelable } from '../../dist/node.js';

/** Creates that are on their way at a time: the crowd is about what is in flight, and they need descriptors too. */
const WAVE = 100;

const [baseUrl, size, way] = process.argv.slice(2);
const ai = new GoogleGenAI({ apiKey: 'crowd', httpOptions: { baseUrl } });
const images = cancelable(ai);
const parameters = { model: 'gemini-3.1-flash-image', prompt: 'a lighthouse in fog' };

async function inWaves(start) {
  const all = [];
  while (all.length < Number(size)) {
    const count = Math.min(WAVE, Number(size) - all.length);
    all.push(...(await Promise.all(Array.from({ length: count }, start))));
  }
  return all;
}

if (way === 'bare') {
  const { model, prompt: input } = parameters;
  const request = { model, input, background: true, response_modalities: ['image'] };
  const created = await inWaves(() => ai.interactions.create(request));
  console.log('ready');
  await Promise.allSettled(created.map(({ id }) => ai.interactions.cancel(id)));
} else {
  const operations = await inWaves(async () => {
    const operation = images.start(parameters);
    await operation.submitted();
    return operation;
  });
  const results = Promise.allSettled(operations.map((operation) => operation.result()));
  // The streams have time to open: what is watched is part of the crowd.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  console.log('ready');
  if (way === 'SIGINT') process.kill(process.pid, 'SIGINT');
  else {
    const reports = await images.cancelAll();
    for (const { name } of reports.flatMap(({ leftovers }) => leftovers)) console.log(`left: ${name}`);
  }
  await results;
}
