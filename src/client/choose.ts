import { NotStartedError, type RemoteError, UnsupportedParameterError } from '../api/errors.js';
import { isImagen, KNOWN_MODELS, replacementOf } from '../google/retired-models.js';
import { checkSupported, type ImageRequest } from '../google/parameters.js';
import type { Fallback, Plan } from '../operation/job/plan.js';
import { backgroundRefused, notCancelable, REFUSED } from '../operation/job/submit-failure.js';
import type { Warn } from '../api/events.js';
import type { Settings } from '../api/options.js';
import type { Backend } from '../google/port.js';
import { BatchesBackend, VertexBatchesBackend, type VertexBatchRequest } from '../google/batches/batches-backend.js';
import type { CloudStorage } from '../api/cloud-storage.js';
import { InteractionsBackend } from '../google/interactions/interactions-backend.js';
import type { ModelMemory } from './capabilities.js';
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
  if (settings.backend === 'batches') {
    const requests = Array.from({ length: numberOfImages }, () => ({ ...request, isSeries: true }));
    return batchPlan(client, model, requests);
  }
  const isAskedFor = settings.backend === 'models';
  if (!isAskedFor && memory.of(model)?.observed !== 'background-refused') {
    return interactionsPlan(client, request, settings, memory);
  }
  const why = isAskedFor ? 'the backend `models` was asked for' : REFUSED;
  if (mustBeCancelable(settings)) throw notCancelable(model, why);
  return {
    backend: createModels(client, request, settings),
    numberOfImages,
    announce: (warn) => warnNotCancelable(warn, memory, { model, why, settings }),
  };
}

function interactionsPlan(client: GenAIClient, request: ImageRequest, settings: Settings, memory: ModelMemory): Plan {
  const { numberOfImages, model } = request;
  checkSupported(request, 'interactions');
  const isCancelRefused = memory.of(model)?.observed === 'cancel-refused';
  if (settings.requireCancelable && isCancelRefused) {
    throw notCancelable(model, 'the server has refused the cancels of its jobs');
  }
  return {
    backend: new InteractionsBackend(client, request),
    numberOfImages,
    observe: (observed, at) => memory.observe(model, observed, at),
    // Only a job that was not sent yet can still be saved there.
    ...(isCancelRefused ? { concurrency: 1 } : {}),
    fallBack: (refusal, warn) => {
      const fallback = fallbackOf(client, request, settings, refusal);
      const why = `${REFUSED} (${refusal.message})`;
      if ('backend' in fallback) warnNotCancelable(warn, memory, { model, why, settings });
      return fallback;
    },
  };
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
  checkSupported(request, isImagen(request.model) ? 'imagen' : client.vertexai ? 'vertex' : 'gemini');
  return new ModelsBackend(client, request, settings.timeoutMs);
}

function refuseRetired(model: string): void {
  const replacement = replacementOf(model);
  if (replacement === undefined) return;
  throw new NotStartedError('MODEL_RETIRED', `Google has shut down ${model}. Use ${replacement}. ${KNOWN_MODELS}`);
}

/** Says what a cancel saves, what it loses, and what else there is. */
function warnNotCancelable(
  warn: Warn,
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

/** Returns the plan of one batch. Throws for parameters that batches cannot honour, before anything is sent. */
export function batchPlan(client: GenAIClient, model: string, requests: readonly ImageRequest[]): Plan {
  refuseInlined(client);
  refuseRetired(model);
  for (const request of requests) checkSupported(request, 'gemini');
  return { backend: new BatchesBackend(client, model, requests), numberOfImages: requests.length };
}

/** On Vertex there is no batch with its requests inside. */
export function refuseInlined(client: GenAIClient): void {
  if (!client.vertexai) return;
  const why = 'batches on Vertex take their requests from Cloud Storage or BigQuery only';
  const instead =
    "There, use 'interactions' or 'models', or startBatch('gs://bucket/requests.jsonl', { model, destination: 'gs://bucket/results' }).";
  throw new UnsupportedParameterError([{ parameter: 'backend', why, instead }]);
}

/** A batch on Vertex: the number of its images is known when it has ended. */
export function vertexBatchPlan(
  client: GenAIClient,
  request: VertexBatchRequest,
  storage: CloudStorage | undefined,
): Plan {
  refuseRetired(request.model);
  return { backend: new VertexBatchesBackend(client, request, storage), numberOfImages: 0 };
}
