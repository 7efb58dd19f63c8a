import type { ImageRequest } from '../../images/parameters.js';
import type { CreateInteractionBody } from '../sdk.js';

/** The body that starts job number `index`. One interaction makes one image: its schema has no count. */
export function createInteractionBody(request: ImageRequest, index: number): CreateInteractionBody {
  const { model, prompt, config, thinkingLevel } = request;
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
    ...generationConfig(seed === undefined ? undefined : seed + index, thinkingLevel),
    ...(labels === undefined ? {} : { labels: { ...labels } }),
  };
}

function generationConfig(
  seed: number | undefined,
  thinkingLevel: ImageRequest['thinkingLevel'],
): Pick<CreateInteractionBody, 'generation_config'> {
  if (seed === undefined && thinkingLevel === undefined) return {};
  return {
    generation_config: {
      ...(seed === undefined ? {} : { seed }),
      ...(thinkingLevel === undefined ? {} : { thinking_level: thinkingLevel }),
    },
  };
}
