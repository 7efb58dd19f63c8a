/** One side of the benchmark, in a process of its own: starts jobs, cancels them when it is told to, and says when. */
import { GoogleGenAI } from '@google/genai';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const now = () => Number(process.hrtime.bigint()) / 1e6;
const { side, folder } = JSON.parse(process.argv[2]);
const load = (name) => import(pathToFileURL(createRequire(`${folder}/`).resolve(name)).href);
const ours = side.startsWith('ours') ? await import('../dist/node.js') : undefined;
const model = 'gemini-3.1-flash-image';
const prompt = 'a lighthouse in fog';
const body = { model, input: prompt, background: true, response_format: { type: 'image' } };
const ONCE = { maxRetries: 0 };
const clientOf = (baseUrl, fetch) =>
  new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl, ...(fetch && { fetch }) } });

/** Waits until all of these jobs run, and are watched where that is the side's way. Returns how to cancel them. */
const sides = {
  async 'bare fetch'(url, count) {
    const api = `${url}/v1beta/interactions`;
    const headers = { 'x-goog-api-key': 'k', 'content-type': 'application/json' };
    const post = (path) => fetch(`${api}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    const jobs = await times(count, async () => {
      const { id } = await (await post('')).json();
      drain((await fetch(`${api}/${id}?stream=true`, { headers })).body);
      return id;
    });
    return () =>
      Promise.all(jobs.map(async (id) => (await fetch(`${api}/${id}/cancel`, { method: 'POST', headers })).text()));
  },
  async 'SDK by hand'(url, count, ai = clientOf(url)) {
    const jobs = await times(count, async () => {
      const { id } = await ai.interactions.create(body, ONCE);
      drain(await ai.interactions.get(id, { stream: true }, ONCE));
      return id;
    });
    return () => Promise.all(jobs.map((id) => ai.interactions.cancel(id, {}, ONCE)));
  },
  'SDK by hand, warmFetch()': async (url, count) => {
    const { warmFetch } = await import('../dist/node.js');
    return sides['SDK by hand'](url, count, clientOf(url, warmFetch()));
  },
  ours: (url, count) => startOurs(clientOf(url), count),
  'ours, warmFetch()': (url, count) => startOurs(clientOf(url, ours.warmFetch()), count),
  async replicate(url, count) {
    const { default: Replicate } = await load('replicate');
    const client = new Replicate({ auth: 'k', baseUrl: `${url}/v1` });
    return abortable(count, (signal) =>
      client.run('black-forest-labs/flux-dev', { input: { prompt }, wait: { mode: 'poll' }, signal }),
    );
  },
  async '@fal-ai/client'(url, count) {
    const { createFalClient } = await load('@fal-ai/client');
    const here = (input, init) => fetch(String(input).replace(/^https:\/\/[^/]+/, url), init);
    const client = createFalClient({ credentials: 'k', fetch: here });
    // Its `abortSignal` only ends the wait, and cancels nothing.
    const ids = await times(
      count,
      () =>
        new Promise((onEnqueue) => client.subscribe('fal-ai/flux', { input: { prompt }, onEnqueue }).catch(() => 0)),
    );
    return () => Promise.all(ids.map((requestId) => client.queue.cancel('fal-ai/flux', { requestId })));
  },
  async 'AI SDK'(url, count) {
    const [{ generateText }, { createGoogleGenerativeAI }] = [await load('ai'), await load('@ai-sdk/google')];
    const google = createGoogleGenerativeAI({ apiKey: 'k', baseURL: `${url}/v1beta` });
    const providerOptions = { google: { background: true, responseModalities: ['image'] } };
    const options = { model: google.interactions(model), prompt, providerOptions, maxRetries: 0 };
    return abortable(count, (abortSignal) => generateText({ ...options, abortSignal }));
  },
};

async function startOurs(ai, count) {
  const images = ours.cancelable(ai);
  await times(count, async () => {
    const operation = images.start({ model, prompt });
    operation.result().catch(() => undefined);
    await operation.submitted();
  });
  return () => images.cancelAll();
}

/** Starts them, and aborts the one signal that all of them have. */
async function abortable(count, start) {
  const controller = new AbortController();
  const all = Promise.allSettled(Array.from({ length: count }, () => start(controller.signal)));
  return () => {
    controller.abort();
    return all;
  };
}

const times = (count, make) => Promise.all(Array.from({ length: count }, make));
async function drain(stream) {
  try {
    for await (const event of stream) void event;
  } catch {
    // The job was cancelled.
  }
}

/** Cancels on SIGINT by a handler of one line, as a user of the SDK would. */
function onSignal(cancel) {
  process.once('SIGINT', () => void cancel().finally(() => process.exit(130)));
}

const tell = { start, cancel, signal, wall, hold, held };
const waiting = new Map();

async function start({ key, url, count }) {
  waiting.set(key, await sides[side](url, count));
  return { isReady: true };
}

async function cancel({ key }) {
  const at = now();
  // Some clients wait for an end that does not come.
  await Promise.race([waiting.get(key)(), new Promise((resolve) => setTimeout(resolve, 5_000))]);
  waiting.delete(key);
  return { at };
}

async function signal({ url }) {
  const cancelIt = await sides[side](url, 1);
  if (!side.startsWith('ours')) onSignal(cancelIt);
  // The stream opens meanwhile.
  await new Promise((resolve) => setTimeout(resolve, 300));
  return { isReady: true };
}

/** Whole operations, so many at a time: wall time and CPU time of each, in ms, and the heap that they hold at the end. */
async function wall({ url, count, atOnce }) {
  const ai = clientOf(url);
  const images = ours?.cancelable(ai);
  const byHand = async () => {
    const { id } = await ai.interactions.create(body, ONCE);
    for await (const { event_type: type } of await ai.interactions.get(id, { stream: true }, ONCE))
      if (type === 'interaction.completed') return;
  };
  const one = ours === undefined ? byHand : () => images.generateImages({ model, prompt });
  const [from, cpu] = [now(), process.cpuUsage()];
  let left = count;
  await times(atOnce, async () => {
    while (left-- > 0) await one();
  });
  const { user, system } = process.cpuUsage(cpu);
  return { ms: (now() - from) / count, cpuMs: (user + system) / 1000 / count };
}

const memory = async () => {
  // Connections that were just used still hold their last pieces.
  await new Promise((resolve) => setTimeout(resolve, 500));
  // The first one frees what only finalizers held.
  for (let times = 0; times < 2; times++) globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

/** Measures jobs in flight: the heap of each meanwhile, and the CPU time of each from its start to its end. */
async function hold({ url, count }) {
  const [before, cpu] = [await memory(), process.cpuUsage()];
  const cancelAll = await sides[side](url, count);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const { user, system } = process.cpuUsage(cpu);
  const heapKb = ((await memory()) - before) / count / 1024;
  const [at, from] = [now(), process.cpuUsage()];
  await cancelAll();
  const end = process.cpuUsage(from);
  return { at, heapKb, cpuMs: (user + system + end.user + end.system) / 1000 / count };
}

/** How often the base64 of an image is in memory while the caller holds the response. */
async function held({ url }) {
  const images = ours.cancelable(clientOf(url));
  await images.generateImages({ model, prompt });
  const before = await memory();
  const responses = await times(10, () => images.generateImages({ model, prompt }));
  const { length } = responses[0].generatedImages[0].image.imageBytes;
  return { copies: ((await memory()) - before) / 10 / length };
}

process.on('message', async ({ what, ...options }) => process.send(await tell[what](options)));
process.once('disconnect', () => process.exit());
process.send({ isReady: true });
