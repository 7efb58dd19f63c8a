import type { ImageRequest } from '../../images/parameters.js';
import type { GenerateContentRequest, ModelRequestOptions } from '../sdk.js';

/** The parameters of `ai.models.generateContent()` that make image number `index`. */
export function contentRequest(
  { model, prompt, config, thinkingLevel }: ImageRequest,
  index: number,
  options: ModelRequestOptions,
): GenerateContentRequest {
  const { aspectRatio, imageSize, outputMimeType, outputCompressionQuality, personGeneration, seed, labels } = config;
  const imageConfig = { aspectRatio, imageSize, outputMimeType, outputCompressionQuality, personGeneration };
  const given = Object.entries(imageConfig).filter(([, value]) => value !== undefined);
  return {
    model,
    contents: prompt,
    config: {
      responseModalities: ['TEXT', 'IMAGE'],
      ...(given.length === 0 ? {} : { imageConfig: Object.fromEntries(given) }),
      ...(seed === undefined ? {} : { seed: seed + index }),
      ...(labels === undefined ? {} : { labels }),
      ...(thinkingLevel === undefined ? {} : { thinkingConfig: { thinkingLevel: 'MINIMAL' as never } }),
      ...options,
    },
  };
}
