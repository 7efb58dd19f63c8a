/** What Google's SDK parses of the emulator. */
import assert from 'node:assert/strict';
import { Blob } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { GoogleGenAI } from '@google/genai';
import { failure, idle, isJpeg, parse, pluck, versionOf } from './parsed.mjs';

const MODEL = 'gemini-3.1-flash-image';
const CREATE = { model: MODEL, input: 'a fox', background: true };
const ONCE = { maxRetries: 0 };
const WHOLE = [
  ...['interaction.created', 'interaction.status_update'],
  ...['step.start', 'step.delta', 'step.stop', 'step.start', 'step.delta', 'step.stop', 'interaction.completed'],
];
const RETIRED = ['imagen-4.0-generate-001', 'gemini-2.5-flash-image'];
// Its warnings are for those who write programs.
console.warn = () => undefined;

const clientOf = (url, options) => new GoogleGenAI({ ...options, apiKey: 'k', httpOptions: { baseUrl: url } });
const prepare = ({ emulator, url }) => ({ emulator, ai: clientOf(url), vertex: clientOf(url, { vertexai: true }) });
const inlined = (count) =>
  Array.from({ length: count }, (_, i) => ({ contents: `fox ${i}`, metadata: { key: `${i}` } }));

async function typesOf(stream) {
  const events = [];
  for await (const event of stream) events.push(event);
  return { events, types: events.map((event) => event.event_type) };
}

const steps = {
  'interactions.create': async ({ ai }) => {
    const created = await ai.interactions.create({ ...CREATE, service_tier: 'flex' }, ONCE);
    assert.equal(created.status, 'in_progress');
    assert.match(created.id, /^v1_/);
    assert.equal(created.service_tier, 'flex');
  },
  'interactions.get': async ({ ai, emulator }) => {
    const { id } = await ai.interactions.create(CREATE, ONCE);
    assert.deepEqual(pluck((await ai.interactions.get(id, {}, ONCE)).steps, 'type'), ['user_input']);
    await idle(emulator);
    const ended = await ai.interactions.get(id, {}, ONCE);
    assert.equal(ended.status, 'completed');
    assert.deepEqual(pluck(ended.steps, 'type'), ['user_input', 'thought', 'model_output']);
    assert.equal(ended.output_image.mime_type, 'image/jpeg');
    assert.ok(isJpeg(ended.output_image.data));
    assert.equal(ended.usage.total_thought_tokens, 224);
  },
  'interactions.get (stream)': async ({ ai }) => {
    const { id } = await ai.interactions.create(CREATE, ONCE);
    const { events, types } = await typesOf(await ai.interactions.get(id, { stream: true }, ONCE));
    assert.deepEqual(types, WHOLE);
    assert.equal(events[3].delta.signature.length, 3_000_000);
    assert.ok(isJpeg(events[6].delta.data));
    const last_event_id = events[4].event_id;
    const rest = await typesOf(await ai.interactions.get(id, { stream: true, last_event_id }, ONCE));
    assert.deepEqual(rest.types, WHOLE.slice(5));
  },
  'interactions.create (synchronous)': async ({ ai }) => {
    const done = await ai.interactions.create({ model: MODEL, input: 'a fox' }, ONCE);
    assert.ok(isJpeg(done.output_image.data));
  },
  'interactions.create (stream)': async ({ ai }) => {
    const request = { model: MODEL, input: 'a fox', stream: true };
    assert.deepEqual((await typesOf(await ai.interactions.create(request, ONCE))).types, WHOLE);
  },
  'interactions.create (not stored)': async ({ ai }) => {
    const done = await ai.interactions.create({ model: MODEL, input: 'a fox', store: false }, ONCE);
    assert.equal(done.id, undefined);
    assert.ok(isJpeg(done.output_image.data));
  },
  'interactions.create (next turn)': async ({ ai }) => {
    const { id } = await ai.interactions.create({ model: MODEL, input: 'a fox' }, ONCE);
    const next = await ai.interactions.create({ ...CREATE, previous_interaction_id: id }, ONCE);
    assert.equal((await ai.interactions.get(next.id, {}, ONCE)).previous_interaction_id, id);
  },
  'interactions.cancel': async ({ ai }) => {
    const { id } = await ai.interactions.create(CREATE, ONCE);
    assert.equal((await ai.interactions.cancel(id, {}, ONCE)).status, 'cancelled');
    const { events } = await typesOf(await ai.interactions.get(id, { stream: true }, ONCE));
    assert.equal(events.at(-1).interaction.status, 'cancelled');
  },
  'interactions.delete': async ({ ai }) => {
    const { id } = await ai.interactions.create(CREATE, ONCE);
    await ai.interactions.delete(id, {}, ONCE);
    assert.equal((await failure(ai.interactions.get(id, {}, ONCE))).status, 404);
  },
  'errors of interactions': async ({ ai, emulator }) => {
    const told = async (request) => {
      const error = await failure(ai.interactions.create(request, ONCE));
      const [body] = [JSON.parse(error.body)].flat();
      return [error.status, body.error.code];
    };
    assert.deepEqual(await told({ ...CREATE, model: RETIRED[1] }), [404, 'model_not_found']);
    assert.deepEqual(await told({ ...CREATE, store: false }), [400, 'invalid_request']);
    const limits = [
      { retryDelayMs: 34_400 },
      { quotaId: 'GenerateRequestsPerDayPerProjectPerModel' },
      { gateway: true },
    ];
    for (const fields of limits) emulator.addFault({ kind: 'status', status: 429, times: 1, ...fields });
    assert.deepEqual(await told(CREATE), [429, 'rate_limit_exceeded']);
    assert.deepEqual(await told(CREATE), [429, 'quota_exceeded']);
    assert.deepEqual(await told(CREATE), [429, 429]);
  },
  'world B': async ({ ai }) => {
    const { id } = await ai.interactions.create(CREATE, ONCE);
    assert.equal((await failure(ai.interactions.get(id, {}, ONCE))).status, 403);
    assert.equal((await failure(ai.interactions.cancel(id, {}, ONCE))).status, 403);
    assert.deepEqual((await typesOf(await ai.interactions.get(id, { stream: true }, ONCE))).types, WHOLE);
  },
  'world C': async ({ ai }) => {
    const error = await failure(ai.interactions.create(CREATE, ONCE));
    assert.match(error.message, /background=true is only supported for agent interactions\./);
  },
  'models.generateContent': async ({ ai, vertex }) => {
    for (const client of [ai, vertex]) {
      const { candidates, usageMetadata } = await client.models.generateContent({ model: MODEL, contents: 'a fox' });
      const [part] = candidates[0].content.parts;
      assert.ok(isJpeg(part.inlineData.data));
      assert.equal(part.thoughtSignature.length, 64);
      assert.equal(usageMetadata.candidatesTokensDetails[0].modality, 'IMAGE');
    }
  },
  'models.generateContentStream': async ({ ai }) => {
    const reasons = [];
    for await (const chunk of await ai.models.generateContentStream({ model: MODEL, contents: 'a fox' })) {
      reasons.push(chunk.candidates[0].finishReason);
      if (reasons.length === 1) assert.ok(isJpeg(chunk.candidates[0].content.parts[0].inlineData.data));
    }
    assert.deepEqual(reasons, [undefined, 'STOP']);
  },
  'models.generateImages': async ({ vertex }) => {
    const request = { model: RETIRED[0], prompt: 'a fox', config: { numberOfImages: 2 } };
    const { generatedImages } = await vertex.models.generateImages(request);
    assert.equal(new Set(generatedImages.map(({ image }) => image.imageBytes)).size, 2);
  },
  'models.get': async ({ ai, vertex }) => {
    const model = await ai.models.get({ model: MODEL });
    assert.equal(model.name, `models/${MODEL}`);
    assert.ok(model.supportedActions.includes('generateContent'));
    assert.match((await vertex.models.get({ model: MODEL })).name, /^publishers\/google\/models\//);
  },
  'errors of models': async ({ ai, emulator }) => {
    for (const model of RETIRED) {
      assert.equal((await failure(ai.models.generateContent({ model, contents: 'a fox' }))).status, 404);
    }
    emulator.addFault({ kind: 'status', status: 429 });
    const { status, message } = await failure(ai.models.generateContent({ model: MODEL, contents: 'a fox' }));
    const { code, details } = JSON.parse(message).error;
    assert.deepEqual([status, code, details.at(-1).retryDelay], [429, 429, '34.4s']);
  },
  batches: async ({ ai, emulator }) => {
    const created = await ai.batches.create({ model: MODEL, src: inlined(2), config: { displayName: 'foxes' } });
    assert.equal(created.state, 'JOB_STATE_PENDING');
    await idle(emulator);
    const ended = await ai.batches.get({ name: created.name });
    assert.equal(ended.state, 'JOB_STATE_SUCCEEDED');
    const data = ended.dest.inlinedResponses.map(
      ({ response }) => response.candidates[0].content.parts[0].inlineData.data,
    );
    assert.ok(data.every(isJpeg));
    for (let i = 0; i < 2; i += 1) await ai.batches.create({ model: MODEL, src: inlined(1) });
    const listed = [];
    for await (const { dest, name } of await ai.batches.list({ config: { pageSize: 1 } })) listed.push([name, dest]);
    assert.deepEqual(
      listed.map(([, dest]) => dest?.inlinedResponses),
      [undefined, undefined, undefined],
    );
    await ai.batches.delete({ name: created.name });
    assert.equal((await failure(ai.batches.get({ name: created.name }))).status, 404);
  },
  'batches.cancel': async ({ ai, emulator }) => {
    const { name } = await ai.batches.create({ model: MODEL, src: inlined(3) });
    await emulator.waitFor((meter) => meter.jobs[0].items.completed === 1);
    await ai.batches.cancel({ name });
    const { state, dest } = await ai.batches.get({ name });
    assert.equal(state, 'JOB_STATE_SUCCEEDED');
    assert.deepEqual(
      dest.inlinedResponses.map(({ error }) => error?.code),
      [undefined, 1, 1],
    );
  },
  'files and file batches': async ({ ai, emulator }) => {
    const lines = ['a', 'b'].map(
      (key) => `${JSON.stringify({ key, request: { contents: [{ parts: [{ text: key }] }] } })}\n`,
    );
    const file = new Blob(lines, { type: 'application/jsonl' });
    const { name } = await ai.files.upload({ file, config: { displayName: 'input' } });
    const found = await ai.files.get({ name });
    assert.deepEqual([found.state, found.displayName, found.sizeBytes], ['ACTIVE', 'input', String(file.size)]);
    const batch = await ai.batches.create({ model: MODEL, src: name });
    await idle(emulator);
    const { dest } = await ai.batches.get({ name: batch.name });
    assert.match(dest.fileName, /^files\/batch-/);
    assert.equal(dest.inlinedResponses, undefined);
    await ai.files.download({ file: dest.fileName, downloadPath: 'results.jsonl' });
    const results = (await readFile('results.jsonl', 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(pluck(results, 'key'), ['a', 'b']);
    assert.ok(results.every(({ response }) => isJpeg(response.candidates[0].content.parts[0].inlineData.data)));
  },
};

const forbidden = { reads: 'forbidden', cancels: 'forbidden' };
await parse(versionOf('@google/genai'), prepare, steps, {
  'interactions.get': { workMs: 300 },
  'interactions.get (stream)': { thoughtSignatureLength: 3_000_000 },
  'interactions.cancel': { workMs: 60_000 },
  'world B': { whileRunning: forbidden, workMs: 300 },
  'world C': { background: 'refused' },
  'models.generateImages': { retired: [] },
  'batches.cancel': { workMs: 100 },
});
