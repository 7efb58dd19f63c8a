import { ModelShutDownError } from '../errors/model-shut-down-error.js';
import { NotCancellableError } from '../errors/not-cancellable-error.js';
import { isImagen, replacementOf } from '../images/imagen-models.js';
import { checkSupported, type ImageRequest } from '../images/parameters.js';
import type { OperationContext } from '../operation/context.js';
import type { Settings } from '../options.js';
import type { Backend } from './backend.js';
import { InteractionsBackend } from './interactions/interactions-backend.js';
import type { ModelMemory } from './model-memory.js';
import { ModelsBackend } from './models/models-backend.js';
import type { GenAIClient } from './sdk.js';

/** Who makes the images of one operation. */
export interface Choice {
  readonly backend: Backend;
  readonly numberOfImages: number;
  /** Says what there is to say about the choice, when the operation begins. */
  announce(context: OperationContext): void;
  /** The server has accepted a job. */
  readonly accepted?: () => void;
  /** Who makes them if the server does not run the model in the background. Throws if they cannot be made so. */
  readonly fallBack?: (context: OperationContext) => Backend;
}

/**
 * Chooses the backend. Throws, before anything is sent, `UnsupportedParameterError` for what it cannot honour,
 * `ModelShutDownError`, and `NotCancellableError` if it cannot be cancelled and has to be.
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
  const why = whyNotInteractions(client, model, settings, memory);
  if (why !== undefined) {
    if (settings.requireCancellable) throw new NotCancellableError(model, why);
    const backend = createModels(client, request, settings);
    const announce = (context: OperationContext): void => {
      announceMigration(context);
      context.warn('not-cancellable', warningOf(model, why), () => memory.isNews(model));
    };
    return { backend, numberOfImages, announce };
  }
  checkSupported(request, 'interactions');
  const backend = new InteractionsBackend(client, request);
  const accepted = (): void => memory.acceptBackground(model);
  const choice: Choice = { backend, numberOfImages, announce: announceMigration, accepted };
  const mayFallBack = settings.backend === 'auto' && settings.fallback === 'models' && !settings.requireCancellable;
  if (!mayFallBack) return choice;
  return {
    ...choice,
    fallBack: (context) => {
      const refusal = 'the server does not run it in the background';
      memory.refuseBackground(model, refusal);
      const models = createModels(client, request, settings);
      context.warn('not-cancellable', warningOf(model, refusal), () => memory.isNews(model));
      return models;
    },
  };
}

function whyNotInteractions(
  client: GenAIClient,
  model: string,
  settings: Settings,
  memory: ModelMemory,
): string | undefined {
  if (settings.backend === 'models') return 'the backend `models` was asked for';
  if (settings.backend === 'interactions') return undefined;
  if (isImagen(model) && client.vertexai) return 'Imagen is made by a synchronous request';
  return settings.fallback === 'models' || settings.requireCancellable ? memory.backgroundRefusalOf(model) : undefined;
}

function createModels(client: GenAIClient, request: ImageRequest, settings: Settings): ModelsBackend {
  const gemini = client.vertexai ? 'vertex' : 'gemini';
  checkSupported(request, isImagen(request.model) ? 'imagen' : gemini);
  return new ModelsBackend(client, request, settings.timeoutMs);
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

function warningOf(model: string, why: string): string {
  return `${model} cannot be cancelled on the server, because ${why}: what is started runs to its end and is charged.`;
}

/** One interaction that exists already: it can be watched and cancelled. */
export function existingInteraction(client: GenAIClient): Choice {
  return { backend: new InteractionsBackend(client), numberOfImages: 1, announce: () => undefined };
}
