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

/** The parameters of `ai.models.generateContent()` that make image number `index`. */
export function contentRequest(
  request: ImageRequest,
  index: number,
  options: ModelRequestOptions,
): GenerateContentRequest {
  const { model, prompt } = request;
  return { model, contents: prompt, config: { ...contentConfig(request, index), ...options } };
}

/** The config of a request of its own, and of one in a batch. */
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
  const usage = parseUsage(answer['usageMetadata']);
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
  const reasons = [
    textIn(feedback, 'blockReasonMessage'),
    textIn(feedback, 'blockReason'),
    textIn(candidate, 'finishMessage'),
    textIn(candidate, 'finishReason'),
  ];
  return reasons.find((reason) => reason !== undefined && reason !== 'STOP') ?? NO_REASON;
}

function parseUsage(usage: unknown): Usage | undefined {
  if (!isObject(usage)) return undefined;
  const image = objectsIn(usage['candidatesTokensDetails']).find(({ modality }) => modality === 'IMAGE');
  return usageOf({
    totalInputTokens: usage['promptTokenCount'],
    totalOutputTokens: usage['candidatesTokenCount'],
    totalTokens: usage['totalTokenCount'],
    outputImageTokens: image?.['tokenCount'],
  });
}

export function usageOf(counts: Record<keyof Usage, unknown>): Usage | undefined {
  const known = Object.entries(counts).filter(([, count]) => Number.isFinite(count) && Number(count) >= 0);
  return known.length === 0 ? undefined : Object.fromEntries(known);
}
