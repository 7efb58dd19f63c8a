import type { ImageRequest } from './parameters.js';
import type { GenerateContentRequest, InlinedRequest, ModelRequestOptions } from './sdk.js';
import type { Image } from '../api/images.js';
import type { Usage } from '../api/report.js';
import type { JobOutput, JobStatus } from './port.js';
import { compact, isObject, objectsIn, textIn } from '../util/json.js';
import { MalformedAnswerError } from './failures.js';

/** The output of a request, and the images that came with it. */
export type Outputs = readonly [JobOutput, ...JobOutput[]];

export const NO_REASON = 'The model answered without an image and gave no reason.';
const COUNTS = ['promptTokenCount', 'candidatesTokenCount', 'totalTokenCount'];

export function contentRequest(
  request: ImageRequest,
  index: number,
  options: ModelRequestOptions,
): GenerateContentRequest {
  return { model: request.model, contents: request.prompt, config: { ...contentConfig(request, index), ...options } };
}

export function contentConfig({ config }: ImageRequest, index: number): InlinedRequest['config'] {
  const { aspectRatio, imageSize, outputMimeType, outputCompressionQuality, personGeneration, seed, labels } = config;
  const imageConfig = compact({ aspectRatio, imageSize, outputMimeType, outputCompressionQuality, personGeneration });
  return compact({
    responseModalities: ['TEXT', 'IMAGE'],
    imageConfig: Object.keys(imageConfig).length === 0 ? undefined : imageConfig,
    seed: seed === undefined ? undefined : seed + index,
    labels,
  });
}

/** Reads the answer of `ai.models.generateContent()` of an image model: one image, or the reason why there is none. */
export function parseContent(answer: unknown): JobStatus {
  // A model that refuses says so in a candidate, or in the feedback to the prompt.
  if (!isObject(answer) || !(Array.isArray(answer['candidates']) || isObject(answer['promptFeedback'])))
    throw new MalformedAnswerError('The answer is not a GenerateContentResponse.');
  const usage = usageIn(answer['usageMetadata'], COUNTS, 'candidatesTokensDetails', 'tokenCount');
  return compact({ id: '', status: 'completed', phase: 'succeeded' as const, outputs: outputsOf(answer), usage });
}

/** Reads an answer of which only a part has arrived: an image that is whole counts. */
export function keptContent(body: unknown): JobStatus {
  const status = parseContent(body);
  if (status.outputs?.some((output) => 'image' in output) !== true) throw new MalformedAnswerError('It has no image.');
  return status;
}

/** Reads a `GenerateContentResponse`: the last image or else the refusal, and then the images that came before. */
export function outputsOf(response: Record<string, unknown>): Outputs {
  const [candidate] = objectsIn(response['candidates']);
  const content = isObject(candidate?.['content']) ? candidate['content'] : {};
  // Thinking models show drafts of the image in their thoughts.
  const parts = objectsIn(content['parts']).filter((part) => part['thought'] !== true);
  const images = parts.flatMap(({ inlineData, fileData }) => {
    const image = imageIn(inlineData, 'data', 'fileUri') ?? imageIn(fileData, 'data', 'fileUri');
    return image === undefined ? [] : [{ image }];
  });
  const last = images.pop();
  if (last !== undefined) return [last, ...images];
  const text = parts.map((part) => textIn(part, 'text') ?? '').join('');
  return [{ refusal: text.trim() || refusalOf(response['promptFeedback'], candidate) }];
}

/** Returns the outputs of `count` requests, and then the other images, each of which has been paid for. */
export function inPlaces(made: readonly Outputs[], count: number, missing: JobOutput): readonly JobOutput[] {
  const own = Array.from({ length: count }, (_, index) => made[index]?.[0] ?? missing);
  const others = made.flatMap((outputs, index) => outputs.slice(index < count ? 1 : 0));
  return [...own, ...others.filter((output) => 'image' in output)];
}

/** Reads an image from the members with these names: its bytes or else its address. */
export function imageIn(source: unknown, bytes: string, uri: string, type = 'mimeType'): Image | undefined {
  const [imageBytes, gcsUri, mimeType] = [bytes, uri, type].map((name) => textIn(source, name));
  if (imageBytes !== undefined) return compact({ imageBytes, mimeType });
  return gcsUri === undefined ? undefined : compact({ gcsUri, mimeType });
}

function refusalOf(feedback: unknown, candidate: unknown): string {
  const blocked = ['blockReasonMessage', 'blockReason'].map((name) => textIn(feedback, name));
  const finished = ['finishMessage', 'finishReason'].map((name) => textIn(candidate, name));
  return [...blocked, ...finished].find((reason) => reason !== undefined && reason !== 'STOP') ?? NO_REASON;
}

/** Reads the tokens: `counts` names those of input, output and both, `byModality` the list with those of images. */
export function usageIn(
  usage: unknown,
  counts: readonly string[],
  byModality: string,
  count: string,
): Usage | undefined {
  if (!isObject(usage)) return undefined;
  const images = objectsIn(usage[byModality]).filter((entry) => textIn(entry, 'modality')?.toLowerCase() === 'image');
  const outputImageTokens = images.map((entry) => entry[count]).find((tokens) => typeof tokens === 'number');
  const [totalInputTokens, totalOutputTokens, totalTokens] = counts.map((name) => usage[name]);
  const all = { totalInputTokens, totalOutputTokens, totalTokens, outputImageTokens };
  const known = Object.entries(all).filter(([, tokens]) => Number.isFinite(tokens) && Number(tokens) >= 0);
  return known.length === 0 ? undefined : Object.fromEntries(known);
}
