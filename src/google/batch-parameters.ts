import type { CloudStorage } from '../api/cloud-storage.js';
import { expectKnownNames, expectMatch, expectSome, expected } from '../util/expected.js';
import type { OperationOptions } from '../api/options.js';
import { checkParameters, type ImageRequest } from './parameters.js';
import type { GenerateImagesConfig, ImageModel } from '../api/images.js';

/** One image of a batch. */
export interface BatchRequest {
  /** Description of the image. */
  readonly prompt: string;
  /** As in `generateImages`, for one image; the stop of a batch is an option of the batch. */
  readonly config?: Omit<GenerateImagesConfig, 'abortSignal' | 'numberOfImages'> | undefined;
}

/** Options of `startBatch()`. */
export interface BatchOptions extends Omit<OperationOptions, 'backend'> {
  /** Name of the model that makes all the images. */
  model: ImageModel;
}

/** Options of `startBatch()` on Vertex. */
export interface VertexBatchOptions extends BatchOptions {
  /** Address of the results on Vertex: `gs://bucket/prefix`, `bq://project.dataset` or `bq://project.dataset.table`. */
  destination: string;
  /**
   * Reads the results from Cloud Storage: a `new Storage()` of Google's client for it, or an object with the few methods of
   * it that are called. Only for a `gs://` destination. @default none: the images stay at `jobs[0].results`
   */
  storage?: CloudStorage | undefined;
}

const SOURCE = /^(?:gs:\/\/[^/\s]+\/.+|bq:\/\/\S+)$/;
const DESTINATION = /^(?:gs:\/\/[^/\s]+(?:\/.*)?|bq:\/\/\S+)$/;

/** Checks the source of a batch on Vertex and the options that only such a batch has. Throws a `TypeError`. */
export function checkVertexBatch(source: unknown, { destination, storage }: VertexBatchOptions): string {
  const requests =
    "the address of the requests on Vertex, 'gs://bucket/requests.jsonl' or 'bq://project.dataset.table'";
  const results = "where Vertex writes the results, 'gs://bucket/prefix' or 'bq://project.dataset.table'";
  const address = expectMatch('source', source, SOURCE, requests);
  expectMatch('options.destination', destination, DESTINATION, results);
  if (storage !== undefined && typeof (Object(storage) as Partial<CloudStorage>).bucket !== 'function') {
    throw new TypeError(expected('options.storage', "a Storage of Google's Cloud Storage client", storage));
  }
  return address;
}

export function checkBatchRequests(model: string, requests: readonly BatchRequest[]): readonly ImageRequest[] {
  return expectSome('requests', requests, (name, value) => {
    expectKnownNames(name, value, ['prompt', 'config']);
    const request = value as BatchRequest;
    const config = Object(request.config) as GenerateImagesConfig;
    const own = (['abortSignal', 'numberOfImages'] as const).find((one) => config[one] !== undefined);
    if (own !== undefined) {
      const why = 'a request is for one image, and a batch is stopped as one';
      throw new TypeError(`Expected \`${name}.config\` to have no \`${own}\`: ${why}.`);
    }
    return checkParameters({ model, prompt: request.prompt, config: request.config });
  });
}
