import { errorOn, jsonResponse, refuse } from '../errors.js';
import { contentChunks, contentResponse, refusalOf } from '../job-resource.js';
import type { Job, JobSpec } from '../job.js';
import { isObject, numberAt, objectAt, stringAt, textOf, type JsonObject } from '../json.js';
import { sseData } from '../sse.js';
import type { Answer, Call } from '../world.js';
import { parseContent, readImage } from './requests.js';

/** `POST …/models/{m}:predict`, Imagen on Vertex: no name, no cancel, one job for each image. */
export function predict(call: Call): Answer {
  const body = bodyOf(call);
  const parameters = objectAt(body, 'parameters') ?? {};
  const prompt = textOf([body['instances']].flat().map((instance) => isObject(instance) && instance['prompt']));
  const samples = numberAt(parameters, 'sampleCount') ?? 4;
  if (prompt === '') refuse(400, 'Text prompt is required.');
  if (![1, 2, 3, 4].includes(samples)) refuse(400, 'sampleCount must be between 1 and 4.');
  const asked = stringAt(objectAt(parameters, 'outputOptions'), 'mimeType');
  const image = readImage(prompt, asked, parameters, ['aspectRatio', 'sampleImageSize']);
  const spec = { kind: 'predict', image, seed: numberAt(parameters, 'seed') } as const;
  const jobs = Array.from({ length: samples }, (_, sample) => startJob(call, { ...spec, sample }));
  return async () => {
    const problem = await problemOf(jobs);
    if (problem !== undefined) return problem;
    const withReason = parameters['includeRaiReason'] === true;
    return jsonResponse({ predictions: jobs.flatMap((job) => prediction(job, withReason)) });
  };
}

/** `GET …/models/{m}` */
export function getModel({ match: { model = '' }, url }: Call): Answer {
  if (url.pathname.includes('/publishers/'))
    return jsonResponse({ name: `publishers/google/models/${model}`, versionId: 'default', launchStage: 'GA' });
  return jsonResponse({
    name: `models/${model}`,
    version: '001',
    displayName: model,
    inputTokenLimit: 65_536,
    outputTokenLimit: 32_768,
    supportedGenerationMethods: ['generateContent', 'countTokens', 'batchGenerateContent'],
  });
}

/** `POST …/models/{m}:generateContent` of an image model: no name, no cancel, one job. */
export function generateContent(call: Call): Answer {
  return answerContent(call, (job) => jsonResponse(contentResponse(job)));
}

/** `POST …/models/{m}:streamGenerateContent`: the same in pieces, as events or as one JSON list. */
export function streamGenerateContent(call: Call): Answer {
  const isList = call.url.searchParams.get('alt') !== 'sse';
  return answerContent(call, (job) => {
    const chunks = contentChunks(job);
    if (isList) return jsonResponse(chunks);
    return new Response(chunks.map(sseData).join(''), { headers: { 'content-type': 'text/event-stream' } });
  });
}

function answerContent(call: Call, respond: (job: Job) => Response): Answer {
  const request = parseContent(bodyOf(call), call.match.model ?? '');
  const job = startJob(call, { kind: 'generateContent', ...request });
  return async () => (await problemOf([job])) ?? respond(job);
}

const bodyOf = ({ record: { body } }: Call): JsonObject => (isObject(body) ? body : {});

function startJob(call: Call, spec: Omit<JobSpec, 'model' | 'origin'>): Job {
  const { world, client, match, target, url, record } = call;
  const job = world.start({ ...spec, model: match.model ?? '', origin: url.origin }, target);
  client.onLeave(() => job.update({ clientGoneAt: world.timers.now() }));
  const { at, serverTimeoutMs } = record;
  // It holds whether the client still waits or not.
  if (world.settings.honoursServerTimeout && serverTimeoutMs !== undefined)
    job.limit(Math.max(0, at + serverTimeoutMs - world.timers.now()));
  return job;
}

/** A picture; of a refused one the reason, when that was asked for, else nothing. */
function prediction(job: Job, withReason: boolean): JsonObject[] {
  const { image } = job;
  if (image !== undefined) return [{ bytesBase64Encoded: image.base64, mimeType: image.mimeType }];
  return withReason && job.record.endReason === 'refused' ? [{ raiFilteredReason: refusalOf(job) }] : [];
}

/** Waits for the jobs, and answers when one was too late or none came to anything. */
async function problemOf(jobs: readonly Job[]): Promise<Response | undefined> {
  await Promise.all(jobs.map((job) => job.over.reached()));
  const reasons = jobs.map(({ record }) => record.endReason);
  if (reasons.includes('deadline')) return errorOn('predict', 504, 'Deadline expired before operation could complete.');
  const isAnyMade = reasons.some((reason) => reason === 'completed' || reason === 'refused');
  return isAnyMade ? undefined : errorOn('predict', 500, 'Internal error encountered.');
}
