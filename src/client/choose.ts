import { NotStartedError, type RemoteError, UnsupportedParameterError } from '../api/errors.js';
import { isImagen, KNOWN_MODELS, replacementOf } from '../google/retired-models.js';
import { checkSupported, type ImageRequest } from '../google/parameters.js';
import type { Fallback, Plan, PlanContext } from '../operation/job/plan.js';
import { backgroundRefused, notCancelable, REFUSED } from '../operation/job/submit-failure.js';
import type { Settings } from '../api/options.js';
import type { Backend } from '../google/port.js';
import { BatchesBackend, VertexBatchesBackend, type VertexBatchRequest } from '../google/batches/batches-backend.js';
import type { CloudStorage } from '../api/cloud-storage.js';
import { InteractionsBackend } from '../google/interactions/interactions-backend.js';
import type { ModelMemory } from './model-memory.js';
import { ModelsBackend } from '../google/models/models-backend.js';
import type { GenAIClient } from '../google/sdk.js';

/**
 * Chooses the backend before anything is sent. Throws `UnsupportedParameterError`, and `NotStartedError` (`MODEL_RETIRED`,
 * or `NOT_CANCELABLE` from what was observed).
 */
export function chooseBackend(
  client: GenAIClient,
  request: ImageRequest,
  settings: Settings,
  memory: ModelMemory,
): Plan {
  const { numberOfImages, model } = request;
  const isOldImagen = settings.backend === 'models' && client.vertexai && isImagen(model);
  if (!isOldImagen) refuseRetired(model);
  if (settings.backend === 'batches') return silently({ backend: createBatch(client, request), numberOfImages });
  const why =
    settings.backend === 'models' ? 'the backend `models` was asked for' : memory.backgroundRefusalOf(model)?.why;
  if (why === undefined) return interactionsPlan(client, request, settings, memory);
  if (mustBeCancelable(settings)) throw notCancelable(model, why);
  return {
    backend: createModels(client, request, settings),
    numberOfImages,
    announce: (context) => warnNotCancelable(context, memory, { model, why, settings }),
  };
}

function interactionsPlan(client: GenAIClient, request: ImageRequest, settings: Settings, memory: ModelMemory): Plan {
  const { numberOfImages, model } = request;
  checkSupported(request, 'interactions');
  if (settings.requireCancelable && memory.cancelRefusedAt(model) !== undefined) {
    throw notCancelable(model, 'the server has refused the cancels of its jobs');
  }
  return silently({
    backend: new InteractionsBackend(client, request),
    numberOfImages,
    cancelConfirmed: (at) => memory.observeCancel(model, at),
    cancelRefused: (at) => memory.observeRefusedCancel(model, at),
    // Only a job that was not sent yet can still be saved there.
    ...(memory.cancelRefusedAt(model) === undefined ? {} : { concurrency: 1 }),
    refused: (at) => memory.refuseBackground(model, REFUSED, at),
    fallBack: (refusal, context) => {
      const fallback = fallbackOf(client, request, settings, refusal);
      const why = `${REFUSED} (${refusal.message})`;
      if ('backend' in fallback) warnNotCancelable(context, memory, { model, why, settings });
      return fallback;
    },
  });
}

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

function silently(plan: Omit<Plan, 'announce'>): Plan {
  return { ...plan, announce: () => undefined };
}

/** Throws if Google has shut the model down. */
function refuseRetired(model: string): void {
  const replacement = replacementOf(model);
  if (replacement === undefined) return;
  throw new NotStartedError('MODEL_RETIRED', `Google has shut down ${model}. Use ${replacement}. ${KNOWN_MODELS}`);
}

/** Says what a cancel saves, what it loses, and what else there is. */
function warnNotCancelable(
  { warn }: PlanContext,
  memory: ModelMemory,
  { model, why, settings }: { model: string; why: string; settings: Settings },
): void {
  const { maxConcurrency = 1 } = settings;
  const pace =
    maxConcurrency === 1
      ? 'The images are therefore made one at a time (`maxConcurrency` changes that): a cancel saves those that were not sent.'
      : `Up to ${maxConcurrency} images are made at a time (\`maxConcurrency\`): a cancel saves those that were not sent.`;
  const message = [
    `${model} cannot be cancelled on the server, because ${why}: a cancel does not reach these requests, and what is started runs to its end and is charged.`,
    pace,
    'The image in the making is lost on Ctrl+C without `onImage`, and on abort or timeout without `onImage` or an `image` listener.',
    "Or use `requireCancelable: true`, which refuses such requests, or `backend: 'batches'` (half the price, may take hours).",
  ].join(' ');
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
export function batchPlan(client: GenAIClient, model: string, requests: readonly ImageRequest[]): Plan {
  return silently({ backend: batchOf(client, model, requests), numberOfImages: requests.length });
}

/** A batch on Vertex: the number of its images is known when it has ended. */
export function vertexBatchPlan(
  client: GenAIClient,
  request: VertexBatchRequest,
  storage: CloudStorage | undefined,
): Plan {
  refuseRetired(request.model);
  return silently({ backend: new VertexBatchesBackend(client, request, storage), numberOfImages: 0 });
}
