import { UnsupportedParameterError } from '../errors/unsupported-parameter-error.js';
import { ModelShutDownError } from '../errors/model-shut-down-error.js';
import { NotCancelableError } from '../errors/not-cancelable-error.js';
import { isImagen, replacementOf } from '../images/imagen-models.js';
import { checkSupported, type ImageRequest } from '../images/parameters.js';
import type { OperationContext } from '../operation/context.js';
import type { Settings } from '../options.js';
import type { Backend } from './backend.js';
import { BatchesBackend } from './batches/batches-backend.js';
import type { ExistingJob } from './existing.js';
import { VertexBatchesBackend, type VertexBatchRequest } from './batches/vertex-batches-backend.js';
import type { StorageLoader } from './batches/vertex-storage.js';
import { InteractionsBackend } from './interactions/interactions-backend.js';
import type { ModelMemory } from './model-memory.js';
import { ModelsBackend } from './models/models-backend.js';
import type { GenAIClient } from './sdk.js';

/** Who makes the images of one operation. */
export interface Choice {
  readonly backend: Backend;
  /** 0 if that is known only when they are there. */
  readonly numberOfImages: number;
  /** Jobs that were started before, in place of new ones. */
  readonly existing?: readonly ExistingJob[];
  /** What was asked for, for a journal that is to hold it. */
  readonly prompts?: readonly string[];
  /** Says what there is to say about the choice, when the operation begins. */
  announce(context: OperationContext): void;
  /** The server has accepted a job. */
  readonly accepted?: () => void;
  /** Who makes them if the server does not run the model in the background. Throws if they cannot be made so. */
  readonly fallBack?: (context: OperationContext) => Backend;
}

/**
 * Chooses the backend. Throws, before anything is sent, `UnsupportedParameterError` for what it cannot honour,
 * `ModelShutDownError`, and `NotCancelableError` if it cannot be cancelled and has to be.
 */
export function chooseBackend(
  client: GenAIClient,
  given: ImageRequest,
  settings: Settings,
  memory: ModelMemory,
): Choice {
  const { request, migratedFrom } = migrate(given, client, settings);
  const announceMigration = ({ warn }: OperationContext): void => {
    if (migratedFrom !== undefined) warn('model-migrated', `${migratedFrom} was shut down: ${request.model} is used.`);
  };
  const { numberOfImages, model } = request;
  const announcing = (choice: Omit<Choice, 'announce' | 'numberOfImages'>, warning?: string): Choice => ({
    ...choice,
    numberOfImages,
    prompts: [request.prompt],
    announce: (context) => {
      announceMigration(context);
      if (warning !== undefined) context.warn('not-cancelable', warning, () => memory.isNews(model));
    },
  });
  if (settings.backend === 'batches') return announcing({ backend: createBatch(client, request) });
  const why = whyNotInteractions(client, model, settings, memory);
  if (why !== undefined)
    return announcing({ backend: createFallback(client, request, settings, why) }, warningOf(model, why, settings));
  checkSupported(request, 'interactions');
  const choice = {
    backend: new InteractionsBackend(client, request),
    accepted: (): void => memory.acceptBackground(model),
  };
  const mayFallBack = settings.backend === 'auto' && settings.fallback !== 'error';
  if (!mayFallBack || (settings.requireCancelable && settings.fallback === 'models')) return announcing(choice);
  return announcing({
    ...choice,
    fallBack: (context) => {
      memory.refuseBackground(model, REFUSED);
      const warning = warningOf(model, REFUSED, settings);
      if (warning !== undefined) context.warn('not-cancelable', warning, () => memory.isNews(model));
      return createFallback(client, request, settings, REFUSED);
    },
  });
}

const REFUSED = 'the server does not run it in the background';

/** Why interactions are not even tried; `undefined` if they are. */
function whyNotInteractions(
  client: GenAIClient,
  model: string,
  settings: Settings,
  memory: ModelMemory,
): string | undefined {
  if (settings.backend === 'models') return 'the backend `models` was asked for';
  if (settings.backend === 'interactions') return undefined;
  if (isImagen(model) && client.vertexai) return 'Imagen is made by a synchronous request';
  return settings.fallback === 'error' ? undefined : memory.backgroundRefusalOf(model);
}

function createFallback(client: GenAIClient, request: ImageRequest, settings: Settings, why: string): Backend {
  if (settings.backend === 'auto' && settings.fallback === 'batches' && !isImagen(request.model)) {
    return createBatch(client, request);
  }
  if (settings.requireCancelable) throw new NotCancelableError(request.model, why);
  checkSupported(request, isImagen(request.model) ? 'imagen' : hostOf(client));
  return new ModelsBackend(client, request, settings.timeoutMs);
}

/** One batch for the images of one request. */
function createBatch(client: GenAIClient, request: ImageRequest): BatchesBackend {
  const requests = Array.from({ length: request.numberOfImages }, () => ({ ...request, isSeries: true }));
  return batchOf(client, request.model, requests);
}

/** One batch for many requests. Throws for what batches cannot honour, before anything is sent. */
export function batchOf(client: GenAIClient, model: string, requests: readonly ImageRequest[]): BatchesBackend {
  refuseInlined(client);
  const replacement = replacementOf(model, client.vertexai);
  if (replacement !== undefined) throw new ModelShutDownError(model, replacement.model);
  for (const request of requests) checkSupported(request, 'gemini');
  return new BatchesBackend(client, model, requests);
}

/** On Vertex there is no batch with its requests inside. */
export function refuseInlined(client: GenAIClient): void {
  if (!client.vertexai) return;
  const why = 'batches on Vertex take their requests from Cloud Storage or BigQuery only';
  const instead =
    "There, use 'interactions' or 'models', or startBatch('gs://bucket/requests.jsonl', { model, destination: 'gs://bucket/results' }).";
  throw new UnsupportedParameterError('backend', why, instead);
}

function hostOf(client: GenAIClient): 'vertex' | 'gemini' {
  return client.vertexai ? 'vertex' : 'gemini';
}

function migrate(
  request: ImageRequest,
  client: GenAIClient,
  { migrateImagen }: Settings,
): { request: ImageRequest; migratedFrom?: string } {
  const replacement = replacementOf(request.model, client.vertexai);
  if (replacement === undefined) return { request };
  if (!migrateImagen) throw new ModelShutDownError(request.model, replacement.model);
  return { request: { ...request, ...replacement }, migratedFrom: request.model };
}

/** What to say of what cannot be cancelled; a batch can. */
function warningOf(model: string, why: string, { backend, fallback }: Settings): string | undefined {
  if (backend === 'auto' && fallback === 'batches' && !isImagen(model)) return undefined;
  return `${model} cannot be cancelled on the server, because ${why}: what is started runs to its end and is charged.`;
}

/** A batch for many requests. */
export function batchChoice(client: GenAIClient, model: string, requests: readonly ImageRequest[]): Choice {
  return {
    backend: batchOf(client, model, requests),
    numberOfImages: requests.length,
    prompts: requests.map(({ prompt }) => prompt),
    announce: () => undefined,
  };
}

/** A batch on Vertex: how many images it makes is known when it has ended. */
export function vertexBatchChoice(client: GenAIClient, request: VertexBatchRequest, load: StorageLoader): Choice {
  return { backend: new VertexBatchesBackend(client, request, load), numberOfImages: 0, announce: () => undefined };
}
