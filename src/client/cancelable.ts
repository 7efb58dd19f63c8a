import { checkParameters } from '../google/parameters.js';
import type { GenAIClient } from '../google/sdk.js';
import { readOptions, type CancelableOptions, type OperationOptions } from '../api/options.js';
import type { Operation } from '../api/handle.js';
import type { GenerateImagesParameters } from '../api/images.js';
import { asyncDispose } from '../operation/operation.js';
import { plainPlatform, type Platform } from '../operation/platform.js';
import { expected } from '../util/expected.js';
import { attach, cancelByName } from './attach.js';
import { OPERATIONS, type CancelableImages } from './cancelable-images.js';
import { capabilitiesOf } from './capabilities.js';
import { chooseBackend } from './choose.js';
import { Operations } from './operations.js';
import { probe } from './probe.js';
import { forget, recover } from './recover.js';
import { startBatch } from './start-batch.js';

/** `cancelable()` of one runtime. */
export type Cancelable = (client: GenAIClient, options?: CancelableOptions) => CancelableImages;

export function createCancelable(host: Platform): Cancelable {
  return (client, options = {}) => {
    checkClient(client);
    const operations = new Operations(client, readOptions(options, ['clock']), host);
    const close = (): Promise<void> => operations.close();
    const images: CancelableImages = {
      generateImages: async (parameters, options) => start(operations, parameters, options).result(),
      start: (parameters, options) => start(operations, parameters, options),
      startBatch: startBatch(operations),
      attach: (nameOrSnapshot, options) => attach(operations, nameOrSnapshot, options),
      cancel: (name) => cancelByName(operations, name),
      recover: (options) => recover(operations, options),
      forget: (id) => forget(operations, id),
      probe: (model, options) => probe(operations, model, options),
      capabilities: (model) => capabilitiesOf(model, operations.memory),
      get operations() {
        return operations.inFlight;
      },
      cancelAll: (reason = new DOMException('All operations were cancelled.', 'AbortError')) =>
        operations.cancelAll('cancel', reason),
      close,
      [asyncDispose]: close,
    };
    return Object.defineProperty(images, OPERATIONS, { value: operations });
  };
}

/**
 * Wraps a `GoogleGenAI` so that image generation can be stopped on the server: by `cancel()`, an AbortSignal, a timeout,
 * and under Node, Bun and Deno by Ctrl+C and other process signals.
 *
 * @param client A `GoogleGenAI` of `@google/genai` 2.30 or later.
 * @param options Defaults for every operation.
 * @throws {TypeError | RangeError} for bad options.
 *
 * @example
 * ```ts
 * const images = cancelable(new GoogleGenAI({ apiKey }));
 * const { generatedImages } = await images.generateImages({
 *   model: 'gemini-3.1-flash-image',
 *   prompt: 'a lighthouse in fog',
 *   config: { numberOfImages: 4, abortSignal },
 * });
 * ```
 */
export const cancelable: Cancelable = createCancelable(plainPlatform);

function start(
  operations: Operations,
  parameters: GenerateImagesParameters,
  options: OperationOptions = {},
): Operation {
  const given = readOptions(options);
  const request = checkParameters(parameters);
  const settings = operations.open(given, parameters.config?.abortSignal ?? undefined);
  const plan = chooseBackend(operations.client, request, settings, operations.memory);
  return operations.start(plan, settings, { record: 'new' });
}

function checkClient(client: unknown): asserts client is GenAIClient {
  const { interactions } = Object(client) as { interactions?: unknown };
  const { create, get, cancel } = Object(interactions) as Record<string, unknown>;
  if (![create, get, cancel].every((member) => typeof member === 'function')) {
    throw new TypeError(expected('client', 'a GoogleGenAI of @google/genai 2.30 or later', client));
  }
}
