import type { ImageRequest } from '../parameters.js';
import type { GenerateImagesRequest, ModelRequestOptions } from '../sdk.js';
import type { JobOutput, JobStatus } from '../port.js';
import { isObject, objectsIn, textIn } from '../../util/json.js';
import { imageIn } from '../content.js';
import { MalformedAnswerError } from '../failures.js';

/** How many images one request can ask for. */
export const MAX_IMAGEN_SAMPLES = 4;

/** The parameters of `ai.models.generateImages()` for these images. */
export function imagenRequest(
  { model, prompt, config }: ImageRequest,
  indices: readonly number[],
  options: ModelRequestOptions,
): GenerateImagesRequest {
  const [first = 0] = indices;
  return {
    model,
    prompt,
    config: {
      ...(config as GenerateImagesRequest['config']),
      numberOfImages: indices.length,
      includeRaiReason: true,
      ...(config.seed === undefined ? {} : { seed: config.seed + first }),
      ...options,
    },
  };
}

/**
 * Reads the answer of `ai.models.generateImages()` for `count` images. Those that were refused are missing from it, or,
 * where their reason was asked for, are entries without an image.
 */
export function parseImages(answer: unknown, count: number): JobStatus {
  if (!isObject(answer) || !Array.isArray(answer['generatedImages']))
    throw new MalformedAnswerError('The answer is not a GenerateImagesResponse.');
  const entries = objectsIn(answer['generatedImages']);
  const outputs = Array.from({ length: count }, (_, position) => outputOf(entries[position]));
  return { id: '', status: 'completed', phase: 'succeeded', outputs };
}

function outputOf(entry: unknown): JobOutput {
  const image = isObject(entry) ? imageIn(entry['image'], 'imageBytes', 'gcsUri') : undefined;
  if (image !== undefined) return { image };
  return { refusal: textIn(entry, 'raiFilteredReason') ?? 'The image was filtered, without a reason.' };
}
