import { faultsOf } from './faults.mjs';

/** So many jobs ahead the faults are in force. */
const AHEAD = 100;
const CREATES = ['create', 'batch-create', 'generateContent'];
/** Operations are told apart on the server by the model, which has their tag in its name. */
const MODEL = 'torture-image-';

export const modelOf = (tag) => `${MODEL}${tag}`;

/** The emulated Google in this process, with its meter by operation and by process. */
export async function openServer(createEmulator, seed) {
  const emulator = createEmulator({ queueMs: 40, workMs: 150, batchQueueMs: 100, batchConcurrency: 2 });
  const server = await emulator.listen();
  const stopped = new AbortController();
  const { meter } = emulator;
  const creates = [];
  /** By process: the meter changes too often to look through all of it each time. */
  const byName = new Map();
  const nameless = { creates: [], jobs: [], cancels: [] };
  const of = (tag) => {
    const [name] = tag.split('-');
    if (!byName.has(name)) byName.set(name, { creates: [], jobs: [], cancels: [] });
    return byName.get(name);
  };
  const tagsOfJobs = new Map();
  let armed = 0;
  let seenJobs = 0;
  let seenRequests = 0;

  const arm = () => {
    for (; armed < meter.jobs.length + AHEAD; armed++)
      for (const fault of faultsOf(seed, armed)) emulator.addFault(fault);
  };
  const look = () => {
    for (; seenJobs < meter.jobs.length; seenJobs++) {
      const job = meter.jobs[seenJobs];
      tagsOfJobs.set(job.name, tagOfJob(job));
      of(tagOfJob(job)).jobs.push(job);
    }
    for (; seenRequests < meter.requests.length; seenRequests++) take(meter.requests[seenRequests]);
    return false;
  };
  const take = (request) => {
    if (CREATES.includes(request.route)) {
      const create = { request, tag: tagOf(request.body) };
      creates.push(create);
      of(create.tag).creates.push(create);
    } else if (request.route.endsWith('cancel')) {
      const tag = tagsOfJobs.get(nameOf(request.path));
      if (tag !== undefined) of(tag).cancels.push(request);
    }
  };
  arm();
  const timer = setInterval(arm, 20);
  emulator.waitFor(look, { signal: stopped.signal }).catch(() => undefined);

  return {
    url: server.url,
    meter,
    /** The requests that make images, as they came, with the tag of their operation. */
    creates,
    /** Of one process. */
    createsOf: (name) => (byName.get(name) ?? nameless).creates,
    jobsOf: (name) => (byName.get(name) ?? nameless).jobs,
    cancelsOf: (name) => (byName.get(name) ?? nameless).cancels,
    tagOfJob,
    /** Resolves when `isSo` is, or so many ms are over, or `over` is aborted. */
    async until(isSo, ms, over) {
      const timer = setTimeout(() => over.abort(), ms);
      await emulator.waitFor(isSo, { signal: over.signal }).catch(() => undefined);
      clearTimeout(timer);
    },
    /** What GET says of a job now: the images in it as base64. */
    async imagesOf({ name }) {
      for (let left = 5; left > 0; left--) {
        const answer = fetch(`${server.url}/v1beta/${name}`, { headers: { 'x-goog-api-key': 'torture' } });
        // A fault that has not struck yet may strike here.
        const response = await answer.then((it) => (it.status === 200 ? it.json() : undefined)).catch(() => undefined);
        if (response !== undefined) return [...new Set(imagesIn(response))];
      }
      throw new Error(`The emulator does not tell of ${name}.`);
    },
    async close() {
      clearInterval(timer);
      stopped.abort();
      await server.close();
      emulator.reset();
    },
  };
}

const tagOfJob = ({ model }) => model.slice(MODEL.length);

/** `interactions/…` or `batches/…` of the path of a cancel. */
const nameOf = (path) => /(?:interactions|batches)\/[^/:]+/.exec(path)?.[0];

/** Where the prompt is, which is the tag of the operation: in interactions, in batches, in requests of their own. */
function tagOf(body) {
  if (typeof body.input === 'string') return body.input;
  const text = JSON.stringify(body.contents ?? body.batch ?? body);
  const tag = /"text":"([^"]+)"/.exec(text)?.[1] ?? /"input":.*?"text":"([^"]+)"/.exec(text)?.[1];
  if (tag === undefined) throw new Error(`A create without a prompt: ${text.slice(0, 300)}`);
  return tag;
}

function imagesIn(value) {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'data' && typeof inner === 'string') return [inner];
    return imagesIn(inner);
  });
}
