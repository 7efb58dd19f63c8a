import { expectKnownNames, expected } from '../expected.js';
import type { OperationOptions } from '../options.js';
import { checkParameters, type ImageRequest } from './parameters.js';
import type { GenerateImagesConfig } from './types.js';

/** One image of a batch. */
export interface BatchRequest {
  /** What the image shall show. */
  readonly prompt: string;
  /** As in `generateImages`, for one image; the stop of a batch is an option of the batch. */
  readonly config?: Omit<GenerateImagesConfig, 'abortSignal' | 'numberOfImages'> | undefined;
}

/** Options of `startBatch()`. */
export interface BatchOptions extends Omit<OperationOptions, 'backend'> {
  /** Name of the model that makes all the images. */
  model: string;
}

/** Throws a `TypeError` unless there is a model. The other options are checked as those of any operation. */
export function checkBatchOptions(options: BatchOptions): BatchOptions {
  const { model } = Object(options) as Partial<BatchOptions>;
  if (typeof model !== 'string' || model.trim() === '') {
    throw new TypeError(expected('options.model', 'a string that is not empty', model));
  }
  return options;
}

/** Checks each request as the parameters of one image. */
export function checkBatchRequests(model: string, requests: readonly BatchRequest[]): readonly ImageRequest[] {
  if (!Array.isArray(requests) || requests.length === 0) {
    throw new TypeError(expected('requests', 'a list of at least one request', requests));
  }
  return requests.map((request: BatchRequest) => {
    expectKnownNames('requests[]', request, ['prompt', 'config']);
    const config = Object(request.config) as GenerateImagesConfig;
    for (const name of ['abortSignal', 'numberOfImages'] as const) {
      if (config[name] !== undefined) {
        throw new TypeError(
          `Expected \`requests[].config\` to have no \`${name}\`: a request is for one image, and a batch is stopped as one.`,
        );
      }
    }
    return checkParameters({ model, prompt: request.prompt, config: request.config });
  });
}
