import type { ImageRequest } from '../parameters.js';
import type { GenerateImagesRequest, ModelRequestOptions } from '../sdk.js';

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
