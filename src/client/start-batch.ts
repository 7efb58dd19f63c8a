import {
  checkBatchOptions,
  checkBatchRequests,
  checkVertexBatch,
  type BatchOptions,
  type BatchRequest,
  type VertexBatchOptions,
} from '../google/batch-parameters.js';
import { expectOneOf } from '../util/expected.js';
import type { Operation } from '../api/handle.js';
import { readOptions, type OperationOptions } from '../api/options.js';
import { BatchesBackend, VertexBatchesBackend } from '../google/batches/batches-backend.js';
import { checkSupported } from '../google/parameters.js';
import { inlinedOnVertex, refuseRetired } from './choose.js';
import type { Plan } from '../operation/job/plan.js';
import type { GenAIClient } from '../google/sdk.js';
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

/** The plan of a batch, and the options that any operation has. */
interface BatchStart {
  readonly plan: Plan;
  readonly operationOptions: OperationOptions;
}

const ADDRESS_ON_GEMINI =
  'Expected `requests` to be a list of requests, `[{ prompt, config }, …]`: the Gemini API takes them inside of the batch, and addresses of Cloud Storage or BigQuery are for Vertex.';

/** Returns the `startBatch()` of one client. */
export function startBatch(operations: Operations): StartBatch {
  return (requests: readonly BatchRequest[] | string, options: BatchOptions | VertexBatchOptions): Operation => {
    const { client } = operations;
    const { plan, operationOptions } =
      typeof requests === 'string'
        ? chooseVertex(client, requests, options as VertexBatchOptions)
        : chooseInlined(client, requests, options);
    return operations.start(plan, operations.open(operationOptions), { record: 'new' });
  };
}

function chooseInlined(client: GenAIClient, requests: readonly BatchRequest[], options: BatchOptions): BatchStart {
  if (client.vertexai) throw inlinedOnVertex();
  const { model, ...operationOptions } = checkBatchOptions(readOptions(options, ['model']));
  expectBatches(operationOptions);
  const checked = checkBatchRequests(model, requests);
  refuseRetired(model);
  for (const request of checked) checkSupported(request, 'gemini');
  return {
    plan: { backend: new BatchesBackend(client, model, checked), numberOfImages: checked.length },
    operationOptions,
  };
}

function chooseVertex(client: GenAIClient, given: string, options: VertexBatchOptions): BatchStart {
  if (!client.vertexai) throw new TypeError(ADDRESS_ON_GEMINI);
  const read = readOptions(options, ['model', 'destination', 'storage']);
  const { model, destination, storage, ...operationOptions } = checkBatchOptions(read);
  expectBatches(operationOptions);
  const source = checkVertexBatch(given, read);
  refuseRetired(model);
  const backend = new VertexBatchesBackend(client, { model, source, destination }, storage);
  // How many images it makes is known when it has ended.
  return { plan: { backend, numberOfImages: 0 }, operationOptions };
}

function expectBatches({ backend = 'auto' }: OperationOptions): void {
  expectOneOf('backend', backend, ['auto', 'batches']);
}
