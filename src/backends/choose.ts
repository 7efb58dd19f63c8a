import type { ErrorDetails } from '../errors/base-error.js';
import { NotStartedError } from '../errors/not-started-error.js';
import type { RemoteError } from '../errors/remote-error.js';
import { UnsupportedParameterError } from '../errors/unsupported-parameter-error.js';
import { isImagen, replacementOf } from '../images/retired-models.js';
import { checkSupported, type ImageRequest } from '../images/parameters.js';
import type { OperationContext } from '../operation/context.js';
import type { FailureFactory } from '../operation/job.js';
import type { JobReference } from '../operation/job-snapshot.js';
import type { Settings } from '../options.js';
import type { Backend } from './backend.js';
import { BatchesBackend } from './batches/batches-backend.js';
import type { ExistingJob } from './existing.js';
import { VertexBatchesBackend, type VertexBatchRequest } from './batches/vertex-batches-backend.js';
import type { CloudStorage } from './batches/vertex-storage.js';
import { InteractionsBackend } from './interactions/interactions-backend.js';
import type { ModelMemory } from './model-memory.js';
import { ModelsBackend } from './models/models-backend.js';
import type { GenAIClient } from './sdk.js';

/** The backend of one operation, and what it is to make. */
export interface Choice {
  readonly backend: Backend;
  /** 0 if the number is known only when the images are there. */
  readonly numberOfImages: number;
  /** Jobs that were started before, in place of new ones. */
  readonly existing?: readonly ExistingJob[];
  /** Warns, when the operation begins, of what is already known. */
  announce(context: OperationContext): void;
  /** Remembers that the server has confirmed a cancel. */
  readonly cancelConfirmed?: (at: number) => void;
  /** Remembers that the server does not run the model in the background. */
  readonly refused?: (at: number) => void;
  /** Finds a replacement where the server does not run the model in the background. */
  readonly fallBack?: (refusal: RemoteError, context: OperationContext) => Fallback;
}

/** The backend that replaces a refused one, or the error that says why there is none. */
export type Fallback = { readonly backend: Backend } | { readonly failure: FailureFactory };

/**
 * Chooses the backend before anything is sent. Throws `UnsupportedParameterError`, and `NotStartedError` (`MODEL_RETIRED`,
 * or `NOT_CANCELABLE` from what was observed).
 */
export function chooseBackend(
  client: GenAIClient,
  request: ImageRequest,
  settings: Settings,
  memory: ModelMemory,
): Choice {
  const { numberOfImages, model } = request;
  const isOldImagen = settings.backend === 'models' && client.vertexai && isImagen(model);
  if (!isOldImagen) refuseRetired(model);
  if (settings.backend === 'batches') return silently({ backend: createBatch(client, request), numberOfImages });
  const why =
    settings.backend === 'models' ? 'the backend `models` was asked for' : memory.backgroundRefusalOf(model)?.why;
  if (why === undefined) return interactionsChoice(client, request, settings, memory);
  if (mustBeCancelable(settings)) throw notCancelable(model, why);
  return {
    backend: createModels(client, request, settings),
    numberOfImages,
    announce: (context) => warnNotCancelable(context, memory, model, why),
  };
}

function interactionsChoice(
  client: GenAIClient,
  request: ImageRequest,
  settings: Settings,
  memory: ModelMemory,
): Choice {
  checkSupported(request, 'interactions');
  const { numberOfImages, model } = request;
  return silently({
    backend: new InteractionsBackend(client, request),
    numberOfImages,
    cancelConfirmed: (at) => memory.observeCancel(model, at),
    refused: (at) => memory.refuseBackground(model, REFUSED, at),
    fallBack: (refusal, context) => {
      const fallback = fallbackOf(client, request, settings, refusal);
      if ('backend' in fallback) warnNotCancelable(context, memory, model, REFUSED);
      return fallback;
    },
  });
}

const REFUSED = 'the server does not run it in the background';

function mustBeCancelable({ requireCancelable, backend }: Settings): boolean {
  return requireCancelable || backend === 'interactions';
}

/** The requests that cannot be cancelled may take fewer parameters. Nothing is sent for images that they cannot make. */
function fallbackOf(client: GenAIClient, request: ImageRequest, settings: Settings, refusal: RemoteError): Fallback {
  const { model } = request;
  if (mustBeCancelable(settings)) return { failure: (jobs) => backgroundRefused(model, refusal, jobs) };
  try {
    return { backend: createModels(client, request, settings) };
  } catch (error) {
    if (!(error instanceof UnsupportedParameterError)) throw error;
    const message = `${model}: ${REFUSED}, and without that: ${error.message}`;
    return { failure: (jobs) => new NotStartedError('NOT_CANCELABLE', message, { cause: refusal, jobs }) };
  }
}

function createModels(client: GenAIClient, request: ImageRequest, settings: Settings): Backend {
  checkSupported(request, isImagen(request.model) ? 'imagen' : hostOf(client));
  return new ModelsBackend(client, request, settings.timeoutMs);
}

function silently(choice: Omit<Choice, 'announce'>): Choice {
  return { ...choice, announce: () => undefined };
}

/** Throws if Google has shut the model down. */
function refuseRetired(model: string): void {
  const replacement = replacementOf(model);
  if (replacement === undefined) return;
  throw new NotStartedError('MODEL_RETIRED', `Google has shut down ${model}. Use ${replacement}.`);
}

/** The error for a model that the server has just refused to run in the background. */
export function backgroundRefused(model: string, cause: RemoteError, jobs: readonly JobReference[]): NotStartedError {
  return notCancelable(model, `${REFUSED} (${cause.message})`, { cause, jobs });
}

/** The error for a model that cannot be cancelled where that was required. */
function notCancelable(model: string, why: string, details?: ErrorDetails): NotStartedError {
  const message = `${model} cannot be cancelled on the server: ${why}. Use \`backend: 'batches'\` (half the price, may take hours), or accept requests that cannot be cancelled: \`backend: 'models'\`.`;
  return new NotStartedError('NOT_CANCELABLE', message, details);
}

function warnNotCancelable({ warn }: OperationContext, memory: ModelMemory, model: string, why: string): void {
  const message = `${model} cannot be cancelled on the server, because ${why}: what is started runs to its end and is charged.`;
  warn('not-cancelable', message, () => memory.isNews(model));
}

/** One batch for the images of one request. */
function createBatch(client: GenAIClient, request: ImageRequest): BatchesBackend {
  const requests = Array.from({ length: request.numberOfImages }, () => ({ ...request, isSeries: true }));
  return batchOf(client, request.model, requests);
}

/** Creates one batch for many requests. Throws for parameters that batches cannot honour, before anything is sent. */
export function batchOf(client: GenAIClient, model: string, requests: readonly ImageRequest[]): BatchesBackend {
  refuseInlined(client);
  refuseRetired(model);
  for (const request of requests) checkSupported(request, 'gemini');
  return new BatchesBackend(client, model, requests);
}

/** On Vertex there is no batch with its requests inside. */
export function refuseInlined(client: GenAIClient): void {
  if (!client.vertexai) return;
  const why = 'batches on Vertex take their requests from Cloud Storage or BigQuery only';
  const instead =
    "There, use 'interactions' or 'models', or startBatch('gs://bucket/requests.jsonl', { model, destination: 'gs://bucket/results' }).";
  throw new UnsupportedParameterError([{ parameter: 'backend', why, instead }]);
}

function hostOf(client: GenAIClient): 'vertex' | 'gemini' {
  return client.vertexai ? 'vertex' : 'gemini';
}

/** A batch for many requests. */
export function batchChoice(client: GenAIClient, model: string, requests: readonly ImageRequest[]): Choice {
  return silently({ backend: batchOf(client, model, requests), numberOfImages: requests.length });
}

/** A batch on Vertex: the number of its images is known when it has ended. */
export function vertexBatchChoice(
  client: GenAIClient,
  request: VertexBatchRequest,
  storage: CloudStorage | undefined,
): Choice {
  refuseRetired(request.model);
  return silently({ backend: new VertexBatchesBackend(client, request, storage), numberOfImages: 0 });
}
