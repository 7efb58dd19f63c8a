import {
  checkBatchRequests,
  checkVertexBatch,
  type BatchOptions,
  type BatchRequest,
  type VertexBatchOptions,
} from '../google/batch-parameters.js';
import { expectMatch, expectOneOf } from '../util/expected.js';
import type { Operation } from '../api/handle.js';
import { readOptions, type OperationOptions } from '../api/options.js';
import { BatchesBackend, VertexBatchesBackend } from '../google/batches/batches-backend.js';
import { checkSupported } from '../google/parameters.js';
import type { Backend } from '../google/port.js';
import { inlinedOnVertex, noWebhook, refuseRetired } from './choose.js';
import type { Operations } from './operations.js';

/** Starts one batch for many prompts, at half the price and with hours of patience. Throws what `start()` throws. */
export interface StartBatch {
  /**
   * On the Gemini API. The images have the index of their request. Throws a `RangeError` for more than 20 MB, and
   * `UnsupportedParameterError` on Vertex.
   */
  (requests: readonly BatchRequest[], options: BatchOptions): Operation;
  /**
   * On Vertex. `source` is `'gs://bucket/requests.jsonl'`, each line `{"request": GenerateContentRequest}` and, for the order
   * of the images, a number as its `"key"`; or `'bq://project.dataset.table'`. Throws a `TypeError` on the Gemini API.
   *
   * The number of images is known at the end: until then `jobs[0]` has no `indices`. With a `gs://` destination and `storage`
   * the images are read into memory; `result()` rejects with `OperationFailedError` (`RESULT_UNREADABLE`) if that fails.
   * Without `storage`, and with a `bq://` destination, it resolves to a response without images: a `warning`
   * (`image-not-fetched`) and `jobs[0].results` say where they are.
   */
  (source: string, options: VertexBatchOptions): Operation;
}

const ADDRESS_ON_GEMINI =
  'Expected `requests` to be a list of requests, `[{ prompt, config }, …]`: the Gemini API takes them inside of the batch, and addresses of Cloud Storage or BigQuery are for Vertex.';

export function startBatch(operations: Operations): StartBatch {
  return (requests: readonly BatchRequest[] | string, options: BatchOptions | VertexBatchOptions): Operation => {
    const { client } = operations;
    const isAddress = typeof requests === 'string';
    if (isAddress && !client.vertexai) throw new TypeError(ADDRESS_ON_GEMINI);
    if (!isAddress && client.vertexai) throw inlinedOnVertex();
    const names = isAddress ? (['model', 'destination', 'storage'] as const) : (['model'] as const);
    const read = readOptions(options as VertexBatchOptions, names);
    expectMatch('options.model', read.model, /\S/, 'a string that is not empty');
    const { model, destination, storage, ...operationOptions } = read;
    expectOneOf('backend', (operationOptions as OperationOptions).backend, ['auto', 'batches']);
    const checked = isAddress ? checkVertexBatch(requests, read) : checkBatchRequests(model, requests);
    refuseRetired(model);
    const settings = operations.open(operationOptions);
    const start = (backend: Backend, numberOfImages: number): Operation =>
      operations.start({ backend, numberOfImages }, settings, { record: 'new' });
    if (typeof checked === 'string') {
      if (settings.webhook !== undefined) throw noWebhook('batches on Vertex');
      // How many images it makes is known when it has ended.
      return start(new VertexBatchesBackend(client, { model, source: checked, destination }, storage), 0);
    }
    for (const request of checked) checkSupported(request, 'gemini');
    return start(new BatchesBackend(client, model, checked), checked.length);
  };
}
