import type { Answer, Call } from '../call.js';
import { contentChunks, contentResponse } from '../content-response.js';
import { googleError, jsonResponse } from '../errors.js';
import { ASPECT_RATIOS, IMAGE_SIZES } from '../image.js';
import { refusalOf } from '../interaction-resource.js';
import type { Job, JobSpec } from '../job.js';
import { isObject, numberAt, objectAt, stringAt, textOf, type JsonObject } from '../json.js';
import { modelResource } from '../models.js';
import { sseData } from '../sse.js';
import { mimeTypeOf, parseContent } from './content-request.js';
import { notOneOf } from './create-request.js';

/** `POST …/models/{m}:predict`, Imagen on Vertex: no name, no cancel, one job for each image. */
export function predict(call: Call): Answer {
  const body = isObject(call.record.body) ? call.record.body : {};
  const parameters = objectAt(body, 'parameters') ?? {};
  const prompt = textOf([body['instances']].flat().map((instance) => isObject(instance) && instance['prompt']));
  const samples = numberAt(parameters, 'sampleCount') ?? 4;
  const wrong = wrongPredict(prompt, samples, parameters);
  if (wrong !== undefined) return () => googleError(400, wrong);
  const image = {
    prompt,
    mimeType: mimeTypeOf(stringAt(objectAt(parameters, 'outputOptions'), 'mimeType')),
    aspectRatio: stringAt(parameters, 'aspectRatio'),
    imageSize: stringAt(parameters, 'sampleImageSize'),
  };
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
  return () => jsonResponse(modelResource(model, url.pathname.includes('/publishers/')));
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
  const request = parseContent(isObject(call.record.body) ? call.record.body : {}, call.match.model ?? '');
  if (typeof request === 'string') return () => googleError(400, request);
  const job = startJob(call, { kind: 'generateContent', ...request });
  return async () => (await problemOf([job])) ?? respond(job);
}

function startJob(call: Call, spec: Omit<JobSpec, 'model' | 'origin'>): Job {
  const { world, client, match, target, url, record } = call;
  const job = world.start({ ...spec, model: match.model ?? '', origin: url.origin }, target);
  client.onLeave(() => job.markClientGone());
  const { at, serverTimeoutMs } = record;
  const { honoursServerTimeout, clock } = world.settings;
  // It holds whether the client still waits or not.
  if (honoursServerTimeout && serverTimeoutMs !== undefined) job.limit(Math.max(0, at + serverTimeoutMs - clock.now()));
  return job;
}

const wrongPredict = (prompt: string, samples: number, parameters: JsonObject): string | undefined =>
  (prompt === '' ? 'Text prompt is required.' : undefined) ??
  ([1, 2, 3, 4].includes(samples) ? undefined : 'sampleCount must be between 1 and 4.') ??
  notOneOf(parameters, 'aspectRatio', ASPECT_RATIOS) ??
  notOneOf(parameters, 'sampleImageSize', IMAGE_SIZES);

/** A picture; of a refused one the reason, when that was asked for, else nothing. */
function prediction(job: Job, withReason: boolean): JsonObject[] {
  const { image } = job;
  if (image !== undefined) return [{ bytesBase64Encoded: image.base64, mimeType: image.mimeType }];
  return withReason && job.record.endReason === 'refused' ? [{ raiFilteredReason: refusalOf(job) }] : [];
}

/** Waits for the jobs, and answers when one was too late or none came to anything. */
async function problemOf(jobs: readonly Job[]): Promise<Response | undefined> {
  await Promise.all(jobs.map((job) => job.whenEnded()));
  const reasons = jobs.map(({ record }) => record.endReason);
  if (reasons.includes('deadline')) return googleError(504, 'Deadline expired before operation could complete.');
  if (reasons.some((reason) => reason === 'completed' || reason === 'refused')) return undefined;
  return googleError(500, 'Internal error encountered.');
}
