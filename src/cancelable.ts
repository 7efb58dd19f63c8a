import { capabilitiesOf, type ModelCapabilities } from './backends/capabilities.js';
import { chooseBatch, type StartBatch } from './backends/batches/start-batch.js';
import { chooseBackend, existingJob, type Choice } from './backends/choose.js';
import { ModelMemory } from './backends/model-memory.js';
import type { GenAIClient } from './backends/sdk.js';
import { ClientClosedError } from './errors/client-closed-error.js';
import { expected } from './expected.js';
import type { Host } from './host.js';
import type { BatchOptions, BatchRequest, VertexBatchOptions } from './images/batch-parameters.js';
import { checkParameters } from './images/parameters.js';
import type { GenerateImagesParameters, GenerateImagesResponse } from './images/types.js';
import { Operation } from './operation/operation.js';
import { OperationRun } from './operation/run.js';
import {
  checkCancelableOptions,
  checkOperationOptions,
  resolveSettings,
  type CancelableOptions,
  type Settings,
  type OperationOptions,
} from './options.js';
import type { CancelReport } from './stop/report.js';

/** Image generation that can be stopped on the server. Its functions can be taken off it: none of them uses `this`. */
export interface CancelableImages {
  /**
   * Takes what `ai.models.generateImages()` takes and resolves to what it resolves to; its `config.abortSignal` cancels on
   * the server. Rejects like `Operation.result()`, and with what `start()` throws.
   */
  readonly generateImages: (
    parameters: GenerateImagesParameters,
    options?: OperationOptions,
  ) => Promise<GenerateImagesResponse>;
  /**
   * Starts an operation and returns its handle at once. Before anything is sent it throws a `TypeError`, `RangeError` or
   * `UnsupportedParameterError` for bad input, `ModelShutDownError`, `NotCancellableError` if `requireCancellable` cannot be
   * met, and `ClientClosedError` after `close()`.
   */
  readonly start: (parameters: GenerateImagesParameters, options?: OperationOptions) => Operation;
  readonly startBatch: StartBatch;
  /**
   * Cancels a job that is known only by its name (`interactions/…`, `batches/…`, or on Vertex
   * `projects/…/locations/…/batchPredictionJobs/…`) and resolves to what the server said came of it. Rejects with a
   * `TypeError` for a name that cannot be one or is of another host or location than the client's, and never for what a
   * server may do. What a batch on Vertex has made is not fetched: `report.jobs[0].results` tells where it lies.
   */
  readonly cancel: (name: string, options?: OperationOptions) => Promise<CancelReport>;
  /** What is known of a model before anything is sent, and how it is known. Throws a `TypeError` for an empty name. */
  readonly capabilities: (model: string) => ModelCapabilities;
  /** The operations in flight. */
  readonly operations: readonly Operation[];
  /** Cancels all operations in flight, side by side. Never rejects. */
  readonly cancelAll: (reason?: unknown) => Promise<CancelReport[]>;
  /** Cancels what is in flight, except what was detached, and starts nothing any more. Never rejects. */
  readonly close: () => Promise<void>;
}

/** `cancelable()` of one runtime. */
export type Cancelable = (client: GenAIClient, options?: CancelableOptions) => CancelableImages;

/** Makes the `cancelable()` of a runtime. */
export function createCancelable(host: Host): Cancelable {
  return (client, options = {}) => {
    checkClient(client);
    checkCancelableOptions(options);
    return createImages(client, { ...options }, host);
  };
}

function createImages(client: GenAIClient, defaults: CancelableOptions, host: Host): CancelableImages {
  const inFlight = new Map<Operation, OperationRun>();
  const memory = new ModelMemory();
  let closed = false;

  const create = (choice: Choice, settings: Settings): { operation: Operation; run: OperationRun } => {
    const run = new OperationRun(choice, settings, host);
    const operation = new Operation(run);
    inFlight.set(operation, run);
    run.closed.addEventListener('abort', () => inFlight.delete(operation));
    return { operation, run };
  };

  const start = (parameters: GenerateImagesParameters, options: OperationOptions = {}): Operation => {
    checkOperationOptions(options);
    const request = checkParameters(parameters);
    if (closed) throw new ClientClosedError('Nothing was started: close() has been called.');
    const settings = resolveSettings(defaults, options, parameters.config?.abortSignal ?? undefined);
    const { operation, run } = create(chooseBackend(client, request, settings, memory), settings);
    // Not before the caller has the handle and can listen to it.
    queueMicrotask(() => void run.begin());
    return operation;
  };

  const startBatch: StartBatch = (
    requests: readonly BatchRequest[] | string,
    options: BatchOptions | VertexBatchOptions,
  ): Operation => {
    const { choice, operationOptions } = chooseBatch(client, requests, options, host.loadStorage);
    if (closed) throw new ClientClosedError('Nothing was started: close() has been called.');
    const settings = resolveSettings(defaults, operationOptions, undefined);
    const { operation, run } = create(choice, settings);
    queueMicrotask(() => void run.begin());
    return operation;
  };

  const cancelByName = async (name: string, options: OperationOptions = {}): Promise<CancelReport> => {
    checkOperationOptions(options);
    const id = parseName(name);
    const settings = resolveSettings(defaults, options, undefined);
    const { operation, run } = create(existingJob(client, name), settings);
    run.adopt(id);
    return operation.cancel();
  };

  const stopAll = (stop: (run: OperationRun) => Promise<CancelReport>): Promise<CancelReport[]> =>
    Promise.all([...inFlight.values()].map(stop));

  return {
    generateImages: async (parameters, options) => start(parameters, options).result(),
    start,
    startBatch,
    cancel: cancelByName,
    capabilities: (model) => capabilitiesOf(model, client.vertexai, memory),
    get operations() {
      return [...inFlight.keys()];
    },
    cancelAll: (reason = new DOMException('All operations were cancelled.', 'AbortError')) =>
      stopAll((run) => run.stop('cancel', reason)),
    close: async () => {
      closed = true;
      const reason = new DOMException('The client was closed.', 'AbortError');
      for (const [operation, run] of inFlight) if (run.isDetached) inFlight.delete(operation);
      await stopAll((run) => run.stop('dispose', reason));
    },
  };
}

const NAME =
  /^(?:interactions\/([^/\s]+)|(batches\/[^/\s]+|projects\/[^/\s]+\/locations\/[^/\s]+\/batchPredictionJobs\/[^/\s]+))$/;

/** The id within its backend: the whole name for batches. */
function parseName(name: unknown): string {
  const [, interaction, batch] = (typeof name === 'string' ? NAME.exec(name) : null) ?? [];
  const id = interaction ?? batch;
  if (id === undefined) {
    const what =
      "the name of a job, such as 'interactions/abc', 'batches/abc' or 'projects/p/locations/l/batchPredictionJobs/1'";
    throw new TypeError(expected('name', what, name));
  }
  return id;
}

function checkClient(client: unknown): asserts client is GenAIClient {
  const { interactions } = Object(client) as { interactions?: unknown };
  const { create, get, cancel } = Object(interactions) as Record<string, unknown>;
  if (![create, get, cancel].every((member) => typeof member === 'function')) {
    throw new TypeError(expected('client', 'a GoogleGenAI of @google/genai 2.30 or later', client));
  }
}
