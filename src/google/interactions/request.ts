import type { ImageRequest } from '../parameters.js';
import type { CreateInteractionBody } from '../sdk.js';

/** The body that starts job number `index`. One interaction makes one image: its schema has no count. */
export function createInteractionBody(request: ImageRequest, index: number): CreateInteractionBody {
  const { model, prompt, config } = request;
  const { aspectRatio, imageSize, outputMimeType, seed, labels } = config;
  return {
    model,
    input: prompt,
    background: true,
    response_format: {
      type: 'image',
      ...(aspectRatio === undefined ? {} : { aspect_ratio: aspectRatio }),
      ...(imageSize === undefined ? {} : { image_size: imageSize }),
      ...(outputMimeType === undefined ? {} : { mime_type: outputMimeType }),
    },
    ...(seed === undefined ? {} : { generation_config: { seed: seed + index } }),
    ...(labels === undefined ? {} : { labels: { ...labels } }),
  };
}
