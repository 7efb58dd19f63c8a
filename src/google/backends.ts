import type { CloudStorage } from '../api/cloud-storage.js';
import type { BackendName } from '../api/job-name.js';
import { BatchesBackend, checkBatchHost, VertexBatchesBackend } from './batches/batches-backend.js';
import type { Target } from './config-table.js';
import { InteractionsBackend } from './interactions/interactions-backend.js';
import { ModelsBackend } from './models/models-backend.js';
import type { ImageRequest } from './parameters.js';
import type { Backend } from './port.js';
import { isImagen } from './retired-models.js';
import type { GenAIClient } from './sdk.js';

interface BackendEntry {
  /** Returns the column of `configRules` with the parameters that it honours. */
  targetOf(client: GenAIClient, model: string): Target;
  create(client: GenAIClient, request: ImageRequest, timeoutMs: number | undefined): Backend;
  /** Makes it for jobs that exist already. */
  attach(client: GenAIClient, model: string, storage: CloudStorage | undefined): Backend;
  /** Throws a `TypeError` for the name of a job that the client cannot reach. */
  checkName?(client: GenAIClient, name: string): void;
  /** Tells whether a job, recorded with these `indices`, learns only from its results how many images there are. */
  isUncounted?(client: GenAIClient, indices: readonly number[] | undefined): boolean;
}

/** All backends, by name. A new one is one more entry. */
export const backends: Readonly<Record<BackendName, BackendEntry>> = {
  interactions: {
    targetOf: () => 'interactions',
    create: (client, request) => new InteractionsBackend(client, request),
    attach: (client, model) => new InteractionsBackend(client, model),
  },
  batches: {
    targetOf: () => 'gemini',
    create: (client, request) => {
      const requests = Array.from({ length: request.numberOfImages }, () => ({ ...request, isSeries: true }));
      return new BatchesBackend(client, request.model, requests);
    },
    attach: (client, model, storage) =>
      client.vertexai ? new VertexBatchesBackend(client, model, storage) : new BatchesBackend(client, model, []),
    checkName: checkBatchHost,
    isUncounted: ({ vertexai }, indices) => vertexai || indices === undefined,
  },
  models: {
    targetOf: ({ vertexai }, model) => (isImagen(model) ? 'imagen' : vertexai ? 'vertex' : 'gemini'),
    create: (client, request, timeoutMs) => new ModelsBackend(client, request, timeoutMs),
    attach: (client, model) => new ModelsBackend(client, model),
  },
};
