/** The calls of Google's SDK. */
import { Blob } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { GoogleGenAI } from '@google/genai';
import { MODEL, RETIRED, failure, idle, isJpeg, listOf, run, same } from './run.mjs';

const FOX = { model: MODEL, input: 'a fox' };
const CREATE = { ...FOX, background: true };
const CONTENT = { model: MODEL, contents: 'a fox' };
const ONCE = { maxRetries: 0 };
const STREAM = { stream: true };
const STEP = ['step.start', 'step.delta', 'step.stop'];
const WHOLE = ['interaction.created', 'interaction.status_update', ...STEP, ...STEP, 'interaction.completed'];

function clientOf(baseUrl) {
  const options = { apiKey: 'k', httpOptions: { baseUrl } };
  const { interactions, models, batches, files } = new GoogleGenAI(options);
  return { interactions, models, batches, files, vertex: new GoogleGenAI({ ...options, vertexai: true }).models };
}
const typesOf = async (list) => (await list).map(({ event_type, type }) => event_type ?? type);
const dataOf = ({ candidates }) => candidates[0].content.parts[0].inlineData.data;
const requests = (count) => Array.from({ length: count }, (_, i) => ({ contents: 'fox', metadata: { key: `${i}` } }));
const statusOf = async (promise) => (await failure(promise)).status;

const callsOfInteractions = {
  'interactions.create(), get()': async ({ interactions, emulator }) => {
    const { id, status, service_tier } = await interactions.create({ ...CREATE, service_tier: 'flex' }, ONCE);
    same([status, service_tier, id.slice(0, 3)], ['in_progress', 'flex', 'v1_']);
    same(await typesOf((await interactions.get(id, {}, ONCE)).steps), ['user_input']);
    await idle(emulator);
    const { steps, output_image: image, ...ended } = await interactions.get(id, {}, ONCE);
    same([ended.status, ...(await typesOf(steps))], ['completed', 'user_input', 'thought', 'model_output']);
    same([image.mime_type, isJpeg(image.data), ended.usage.total_thought_tokens], ['image/jpeg', true, 224]);
  },
  'interactions.get(), stream': async ({ interactions }) => {
    const { id } = await interactions.create(CREATE, ONCE);
    const events = await listOf(interactions.get(id, STREAM, ONCE));
    same(await typesOf(events), WHOLE);
    same([events[3].delta.signature.length, isJpeg(events[6].delta.data)], [64, true]);
    const rest = interactions.get(id, { ...STREAM, last_event_id: events[4].event_id }, ONCE);
    same(await typesOf(listOf(rest)), WHOLE.slice(5));
  },
  'interactions.create(), synchronous, next turn, not stored': async ({ interactions }) => {
    const { id, output_image: image } = await interactions.create(FOX, ONCE);
    const next = await interactions.create({ ...CREATE, previous_interaction_id: id }, ONCE);
    const { previous_interaction_id: previous } = await interactions.get(next.id, {}, ONCE);
    const unstored = await interactions.create({ ...FOX, store: false }, ONCE);
    same([isJpeg(image.data), previous, isJpeg(unstored.output_image.data), unstored.id], [true, id, true, undefined]);
  },
  'interactions.create(), stream': async ({ interactions }) =>
    same(await typesOf(listOf(interactions.create({ ...FOX, ...STREAM }, ONCE))), WHOLE),
  'interactions.cancel(), delete()': async ({ interactions }) => {
    const { id } = await interactions.create(CREATE, ONCE);
    same((await interactions.cancel(id, {}, ONCE)).status, 'cancelled');
    same((await listOf(interactions.get(id, STREAM, ONCE))).at(-1).interaction.status, 'cancelled');
    await interactions.delete(id, {}, ONCE);
    same(await statusOf(interactions.get(id, {}, ONCE)), 404);
  },
  'interactions: errors': async ({ interactions, emulator }) => {
    const told = async (request, fault) => {
      if (fault !== undefined) emulator.addFault({ times: 1, ...fault });
      const { status, body } = await failure(interactions.create({ ...CREATE, ...request }, ONCE));
      return [status, [JSON.parse(body)].flat()[0].error.code];
    };
    const limit = { kind: 'status', status: 429 };
    same(await told({ model: RETIRED[1] }), [404, 'model_not_found']);
    same(await told({ store: false }), [400, 'invalid_request']);
    same(await told({}, { kind: 'background-refused' }), [400, 'invalid_request']);
    same(await told({}, { ...limit, retryDelayMs: 34_400 }), [429, 'rate_limit_exceeded']);
    same(await told({}, { ...limit, quotaId: 'GenerateRequestsPerDayPerProjectPerModel' }), [429, 'quota_exceeded']);
    same(await told({}, { ...limit, gateway: true }), [429, 429]);
  },
};

const callsOfModels = {
  'models.generateContent(), Gemini and Vertex': async ({ models, vertex }) => {
    for (const answer of await Promise.all([models, vertex].map((host) => host.generateContent(CONTENT)))) {
      const { thoughtSignature } = answer.candidates[0].content.parts[0];
      const [{ modality }] = answer.usageMetadata.candidatesTokensDetails;
      same([isJpeg(dataOf(answer)), thoughtSignature.length, modality], [true, 64, 'IMAGE']);
    }
  },
  'models.generateContentStream()': async ({ models }) => {
    const chunks = await listOf(models.generateContentStream(CONTENT));
    const reasons = chunks.map(({ candidates }) => candidates[0].finishReason);
    same([isJpeg(dataOf(chunks[0])), ...reasons], [true, undefined, 'STOP']);
  },
  'models.get(), Gemini and Vertex': async ({ models, vertex }) => {
    const { name, supportedActions } = await models.get({ model: MODEL });
    same([name, supportedActions.includes('generateContent')], [`models/${MODEL}`, true]);
    same((await vertex.get({ model: MODEL })).name, `publishers/google/models/${MODEL}`);
  },
  'models: errors': async ({ models, emulator }) => {
    for (const model of RETIRED) same(await statusOf(models.generateContent({ ...CONTENT, model })), 404);
    emulator.addFault({ kind: 'status', status: 429 });
    const { status, message } = await failure(models.generateContent(CONTENT));
    const { code, details } = JSON.parse(message).error;
    same([status, code, details.at(-1).retryDelay], [429, 429, '34.4s']);
  },
};

const callsOfBatches = {
  'batches.create(), get(), list(), delete()': async ({ batches, emulator }) => {
    const { name, state } = await batches.create({ model: MODEL, src: requests(2), config: { displayName: 'foxes' } });
    await idle(emulator);
    const { dest, ...ended } = await batches.get({ name });
    const images = dest.inlinedResponses.map(({ response }) => isJpeg(dataOf(response)));
    same([state, ended.state, ...images], ['JOB_STATE_PENDING', 'JOB_STATE_SUCCEEDED', true, true]);
    for (let i = 0; i < 2; i += 1) await batches.create({ model: MODEL, src: requests(1) });
    const listed = await listOf(batches.list({ config: { pageSize: 1 } }));
    same([listed.length, listed.some((batch) => batch.dest?.inlinedResponses)], [3, false]);
    await batches.delete({ name });
    same(await statusOf(batches.get({ name })), 404);
  },
  'batches.cancel()': async ({ batches, emulator }) => {
    const { name } = await batches.create({ model: MODEL, src: requests(3) });
    await emulator.waitFor(({ jobs }) => jobs[0].items.completed === 1);
    await batches.cancel({ name });
    const { state, dest } = await batches.get({ name });
    const codes = dest.inlinedResponses.map(({ error }) => error?.code);
    same([state, ...codes], ['JOB_STATE_SUCCEEDED', undefined, 1, 1]);
  },
  'files, and batches from them': async ({ batches, files, emulator }) => {
    const lines = ['a', 'b'].map((key) => ({ key, request: { contents: [{ parts: [{ text: key }] }] } }));
    const file = new Blob([lines.map((line) => JSON.stringify(line)).join('\n')], { type: 'application/jsonl' });
    const { name } = await files.upload({ file, config: { displayName: 'input' } });
    const { state, displayName, sizeBytes } = await files.get({ name });
    same([state, displayName, sizeBytes], ['ACTIVE', 'input', String(file.size)]);
    const batch = await batches.create({ model: MODEL, src: name });
    await idle(emulator);
    const { fileName, inlinedResponses } = (await batches.get({ name: batch.name })).dest;
    same([/^files\/batch-/.test(fileName), inlinedResponses], [true, undefined]);
    await files.download({ file: fileName, downloadPath: 'results.jsonl' });
    const results = (await readFile('results.jsonl', 'utf8')).trim().split('\n');
    const parsed = results.map((line) => JSON.parse(line)).flatMap((one) => [one.key, isJpeg(dataOf(one.response))]);
    same(parsed, ['a', true, 'b', true]);
  },
};

const withSignal = (abortSignal) => ({ ...CONTENT, config: { abortSignal } });
const aborts = {
  'models.generateContent()': ({ models }, signal) => models.generateContent(withSignal(signal)),
  'models.generateContent(), Vertex': ({ vertex }, signal) => vertex.generateContent(withSignal(signal)),
  'models.generateContentStream()': ({ models }, signal) => listOf(models.generateContentStream(withSignal(signal))),
  'interactions.create()': ({ interactions }, signal) => interactions.create(FOX, { signal }),
  'interactions.create(), stream': ({ interactions }, signal) =>
    listOf(interactions.create({ ...FOX, ...STREAM }, { signal })),
  'interactions.get(), stream, background': async ({ interactions }, signal) => {
    const { id } = await interactions.create(CREATE, { signal });
    await listOf(interactions.get(id, STREAM, { signal }));
  },
};

await run(clientOf, { calls: { ...callsOfInteractions, ...callsOfModels, ...callsOfBatches }, aborts });
