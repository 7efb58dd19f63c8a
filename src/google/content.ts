import type { ImageRequest } from './parameters.js';
import type { GenerateContentRequest, InlinedRequest, ModelRequestOptions } from './sdk.js';
import type { Image } from '../api/images.js';
import type { Usage } from '../api/report.js';
import type { JobOutput, JobStatus } from './port.js';
import { compact, isObject, objectsIn } from '../util/json.js';
import { MalformedAnswerError } from './failures.js';

/** The parameters of `ai.models.generateContent()` that make image number `index`. */
export function contentRequest(
  request: ImageRequest,
  index: number,
  options: ModelRequestOptions,
): GenerateContentRequest {
  const { model, prompt } = request;
  return { model, contents: prompt, config: { ...contentConfig(request, index), ...options } };
}

/** All of a request but its prompt, for one of its own and for one in a batch. */
export function contentConfig({ config }: ImageRequest, index: number): InlinedRequest['config'] {
  const { aspectRatio, imageSize, outputMimeType, outputCompressionQuality, personGeneration, seed, labels } = config;
  const imageConfig = { aspectRatio, imageSize, outputMimeType, outputCompressionQuality, personGeneration };
  const given = compact(imageConfig);
  return compact({
    responseModalities: ['TEXT', 'IMAGE'],
    imageConfig: Object.keys(given).length === 0 ? undefined : given,
    seed: seed === undefined ? undefined : seed + index,
    labels,
  });
}

/** Reads the answer of `ai.models.generateContent()` of an image model: one image, or the reason why there is none. */
export function parseContent(answer: unknown): JobStatus {
  // A model that refuses says so in a candidate, or in the feedback to the prompt.
  if (!isObject(answer) || !(Array.isArray(answer['candidates']) || isObject(answer['promptFeedback'])))
    throw new MalformedAnswerError('The answer is not a GenerateContentResponse.');
  const usage = parseUsage(answer['usageMetadata']);
  return {
    id: '',
    status: 'completed',
    phase: 'succeeded',
    outputs: [outputOf(answer), ...extrasOf(answer)],
    ...(usage && { usage }),
  };
}

/** Reads an answer of which only a part has arrived: an image that is whole counts. */
export function keptContent(body: unknown): JobStatus {
  const status = parseContent(body);
  if (status.outputs?.some((output) => 'image' in output) !== true) throw new MalformedAnswerError('It has no image.');
  return status;
}

/** What one `GenerateContentResponse` has come to. */
export function outputOf(response: Record<string, unknown>): JobOutput {
  const [candidate] = objectsIn(response['candidates']);
  const parts = partsOf(candidate);
  const image = parts.flatMap((part) => imageOf(part) ?? []).at(-1);
  if (image !== undefined) return { image };
  const text = parts
    .flatMap(({ text }) => (typeof text === 'string' ? [text] : []))
    .join('')
    .trim();
  return { refusal: text || refusalOf(response, candidate) };
}

/** Returns the images beside the one that counts, which is the last one. */
export function extrasOf(response: Record<string, unknown>): readonly JobOutput[] {
  const [candidate] = objectsIn(response['candidates']);
  const images = partsOf(candidate).flatMap((part) => imageOf(part) ?? []);
  return images.slice(0, -1).map((image) => ({ image }));
}

function partsOf(candidate: Record<string, unknown> | undefined): Record<string, unknown>[] {
  const content = isObject(candidate?.['content']) ? candidate['content'] : {};
  // Thinking models show drafts of the image in their thoughts.
  return objectsIn(content['parts']).filter((part) => part['thought'] !== true);
}

function imageOf(part: Record<string, unknown>): Image | undefined {
  const { inlineData, fileData } = part;
  if (isObject(inlineData) && typeof inlineData['data'] === 'string' && inlineData['data'] !== '') {
    return { imageBytes: inlineData['data'], ...mimeTypeOf(inlineData) };
  }
  if (isObject(fileData) && typeof fileData['fileUri'] === 'string' && fileData['fileUri'] !== '') {
    return { gcsUri: fileData['fileUri'], ...mimeTypeOf(fileData) };
  }
  return undefined;
}

function mimeTypeOf({ mimeType }: Record<string, unknown>): { mimeType?: string } {
  return typeof mimeType === 'string' ? { mimeType } : {};
}

function refusalOf(response: Record<string, unknown>, candidate: Record<string, unknown> | undefined): string {
  const feedback = isObject(response['promptFeedback']) ? response['promptFeedback'] : {};
  const reasons = [
    feedback['blockReasonMessage'],
    feedback['blockReason'],
    candidate?.['finishMessage'],
    candidate?.['finishReason'],
  ];
  const reason = reasons.find((word) => typeof word === 'string' && word !== '' && word !== 'STOP');
  return typeof reason === 'string' ? reason : 'The model answered without an image and gave no reason.';
}

function parseUsage(usage: unknown): Usage | undefined {
  if (!isObject(usage)) return undefined;
  const imageTokens = objectsIn(usage['candidatesTokensDetails'])
    .filter(({ modality }) => modality === 'IMAGE')
    .map(({ tokenCount }) => tokenCount);
  return usageOf({
    totalInputTokens: usage['promptTokenCount'],
    totalOutputTokens: usage['candidatesTokenCount'],
    totalTokens: usage['totalTokenCount'],
    outputImageTokens: imageTokens[0],
  });
}

/** Takes the counts that are numbers; `undefined` if there are none. */
export function usageOf(counts: Record<keyof Usage, unknown>): Usage | undefined {
  const known = Object.entries(counts).filter(([, count]) => typeof count === 'number');
  return known.length === 0 ? undefined : Object.fromEntries(known);
}
