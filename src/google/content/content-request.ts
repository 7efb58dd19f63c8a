import type { ImageRequest } from '../parameters.js';
import type { GenerateContentRequest, InlinedRequest, ModelRequestOptions } from '../sdk.js';

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
  const given = Object.entries(imageConfig).filter(([, value]) => value !== undefined);
  return {
    responseModalities: ['TEXT', 'IMAGE'],
    ...(given.length === 0 ? {} : { imageConfig: Object.fromEntries(given) }),
    ...(seed === undefined ? {} : { seed: seed + index }),
    ...(labels === undefined ? {} : { labels }),
  };
}
