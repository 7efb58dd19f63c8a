import type { Answer, Call } from '../call.js';
import { contentResponse } from '../content-response.js';
import { googleError, jsonResponse } from '../errors.js';
import { ASPECT_RATIOS, IMAGE_SIZES } from '../image.js';
import { refusalOf } from '../interaction-resource.js';
import type { Job, JobSpec } from '../job.js';
import { isObject, numberAt, objectAt, stringAt, textOf, type JsonObject } from '../json.js';
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
  const jobs = startJobs(call, samples, { kind: 'predict', image, seed: numberAt(parameters, 'seed') });
  return async () => {
    await Promise.all(jobs.map((job) => job.whenEnded()));
    if (jobs.some(isLate)) return deadlineExceeded();
    if (jobs.every(isFailed)) return googleError(500, 'Internal error encountered.');
    const withReason = parameters['includeRaiReason'] === true;
    return jsonResponse({ predictions: jobs.flatMap((job) => prediction(job, withReason)) });
  };
}

/** `POST …/models/{m}:generateContent` of an image model: no name, no cancel, one job. */
export function generateContent(call: Call): Answer {
  const request = parseContent(isObject(call.record.body) ? call.record.body : {});
  if (typeof request === 'string') return () => googleError(400, request);
  const [job] = startJobs(call, 1, { kind: 'generateContent', ...request });
  return async () => {
    await job?.whenEnded();
    if (job !== undefined && isLate(job)) return deadlineExceeded();
    if (job === undefined || isFailed(job)) return googleError(500, 'Internal error encountered.');
    return jsonResponse(contentResponse(job));
  };
}

function startJobs(call: Call, count: number, spec: Omit<JobSpec, 'model' | 'origin' | 'sample'>): Job[] {
  const { world, client, match, target, url } = call;
  const jobs = Array.from({ length: count }, (_, sample) =>
    world.start({ ...spec, model: match.model ?? '', origin: url.origin, sample }, target),
  );
  client.onLeave(() => {
    for (const job of jobs) job.markClientGone();
  });
  const leftMs = world.settings.honoursServerTimeout ? timeLeft(call) : undefined;
  if (leftMs !== undefined) for (const job of jobs) job.limit(leftMs);
  return jobs;
}

function wrongPredict(prompt: string, samples: number, parameters: JsonObject): string | undefined {
  if (prompt === '') return 'Text prompt is required.';
  if (![1, 2, 3, 4].includes(samples)) return 'sampleCount must be between 1 and 4.';
  return notOneOf(parameters, 'aspectRatio', ASPECT_RATIOS) ?? notOneOf(parameters, 'sampleImageSize', IMAGE_SIZES);
}

/** A picture; of a refused one the reason, when that was asked for, else nothing. */
function prediction(job: Job, withReason: boolean): JsonObject[] {
  const { image } = job;
  if (image !== undefined) return [{ bytesBase64Encoded: image.base64, mimeType: image.mimeType }];
  return withReason && job.record.endReason === 'refused' ? [{ raiFilteredReason: refusalOf(job) }] : [];
}

/** Until the deadline that the client set, which holds whether the client still waits or not. */
function timeLeft({ record: { at, serverTimeoutMs }, world }: Call): number | undefined {
  return serverTimeoutMs === undefined ? undefined : Math.max(0, at + serverTimeoutMs - world.settings.clock.now());
}

const deadlineExceeded = (): Response => googleError(504, 'Deadline expired before operation could complete.');

const isLate = (job: Job): boolean => job.record.endReason === 'deadline';

const isFailed = (job: Job): boolean => job.record.endReason !== 'completed' && job.record.endReason !== 'refused';
