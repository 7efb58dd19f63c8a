import { expected } from '../util/expected.js';
import { expectJobName, parseJobName } from '../api/job-name.js';
import type { OperationIdentity } from '../operation/parts.js';
import type { ExistingJob, Plan } from '../operation/job/plan.js';
import {
  differenceOf,
  parseSnapshot,
  type BackendName,
  type JobReference,
  type OperationSnapshot,
} from '../api/snapshot.js';
import type { Backend, FireAndForgetBackend } from '../google/port.js';
import { BatchesBackend, VertexBatchesBackend } from '../google/batches/batches-backend.js';
import type { CloudStorage } from '../api/cloud-storage.js';
import { InteractionsBackend } from '../google/interactions/interactions-backend.js';
import { apiClientOf, serverOf, type GenAIClient } from '../google/sdk.js';
import { readOptions } from '../api/options.js';
import type { Operation } from '../api/handle.js';
import type { CancelReport } from '../api/report.js';
import { recordEnds } from '../journal/join.js';
import { duplicatesOf } from '../journal/record.js';
import { Timers } from '../util/timers.js';
import type { Operations } from './operations.js';
import type { AttachOptions } from './recover-options.js';

const UNKNOWN_MODEL = 'the model';

export function attach(
  operations: Operations,
  nameOrSnapshot: string | OperationSnapshot,
  options: AttachOptions = {},
): Operation {
  const { client } = operations;
  const { storage, ...operationOptions } = readOptions(options, ['storage']);
  const settings = operations.open(operationOptions);
  if (typeof nameOrSnapshot === 'string') {
    return operations.start(existingJob(client, nameOrSnapshot, storage), settings, { record: 'join' });
  }
  const snapshot = parseSnapshot(nameOrSnapshot);
  if (snapshot.jobs.length === 0) throw new TypeError(expected('snapshot.jobs', 'a list of one job or more', []));
  const plan = existingOperation(client, assumeSubmitted(snapshot), storage);
  return operations.start(plan, settings, { ...identityOf(snapshot), record: 'join' });
}

export async function cancelByName(operations: Operations, name: string): Promise<CancelReport> {
  const { client } = operations;
  const settings = operations.settings();
  const { journal, clock } = settings;
  const report = await operations.start(existingJob(client, name), settings, {}).cancel();
  if (journal !== undefined) await recordEnds(journal, serverOf(client), report, new Timers(clock));
  return report;
}

/** Returns the part of a snapshot that stays the same in each process. */
export function identityOf({ id, tag, startedAt }: OperationSnapshot): Partial<OperationIdentity> {
  return { id, tag, startedAt };
}

/**
 * A job that is known by its name only. How many images a batch makes is known when it has ended. Throws a `TypeError` for
 * what cannot be a name, and for a batch of the other host or of another location.
 */
export function existingJob(client: GenAIClient, name: string, storage?: CloudStorage): Plan {
  const { backend: kind, id, location } = expectJobName('name', name);
  if (kind === 'batches') checkBatchHost(client, name, location);
  const backend = backendOf(kind, client, UNKNOWN_MODEL, storage);
  return existing(backend, [
    { backend, indices: kind === 'interactions' ? [0] : [], id, isGiven: true, duplicates: [], state: 'queued' },
  ]);
}

/** The jobs of an operation that was written down. Throws a `TypeError` if they are not where the client is. */
export function existingOperation(client: GenAIClient, snapshot: OperationSnapshot, storage?: CloudStorage): Plan {
  const ours = serverOf(client);
  const difference = differenceOf(snapshot.server, ours);
  if (difference !== undefined) {
    const isAddress = difference === 'origin' || difference === 'path';
    const [wanted, given] = [snapshot.server, ours].map((server) =>
      isAddress ? `${server.origin ?? ''}${server.path ?? ''}` : server[difference],
    );
    const what = `${String(wanted)}, as the operation was started with: its jobs are there`;
    throw new TypeError(expected(`client.${isAddress ? 'httpOptions.baseUrl' : difference}`, what, given));
  }
  const backends = new Map<BackendName, Backend>();
  const backendNamed = (kind: BackendName): Backend => {
    const backend = backends.get(kind) ?? backendOf(kind, client, snapshot.model, storage);
    backends.set(kind, backend);
    return backend;
  };
  const existingJobs = snapshot.jobs.flatMap((job) => {
    const duplicates = duplicatesOf(job, snapshot.jobs);
    if (duplicates.includes(job)) return [];
    const ids = duplicates.flatMap(({ name }) => parseJobName(name)?.id ?? []);
    return { ...existingJobOf(job, backendNamed(job.backend), client.vertexai), duplicates: ids };
  });
  return existing(backendNamed(snapshot.backend), existingJobs);
}

/** A snapshot may be old: what had not been sent when it was taken may have been since. */
function assumeSubmitted(snapshot: OperationSnapshot): OperationSnapshot {
  const jobs = snapshot.jobs.map((job) => (job.state === 'waiting' ? { ...job, state: 'submitting' as const } : job));
  return { ...snapshot, jobs };
}

function existing(backend: Backend, jobs: readonly ExistingJob[]): Plan {
  return { backend, existing: jobs, numberOfImages: 0 };
}

function existingJobOf(job: JobReference, backend: Backend, vertexai: boolean): Omit<ExistingJob, 'duplicates'> {
  const { index, name, displayName, state } = job;
  const id = parseJobName(name)?.id;
  return {
    backend,
    indices: isUncounted(job, vertexai) ? [] : (job.indices ?? [index]),
    ...(id === undefined ? {} : { id }),
    ...(displayName === undefined ? {} : { displayName }),
    state,
  };
}

/** A batch on Vertex, and one that was attached to by its name, learn from their results how many images there are. */
function isUncounted({ backend, indices }: JobReference, vertexai: boolean): boolean {
  return backend === 'batches' && (vertexai || indices === undefined);
}

function backendOf(kind: BackendName, client: GenAIClient, model: string, storage?: CloudStorage): Backend {
  switch (kind) {
    case 'interactions':
      return new InteractionsBackend(client, model);
    case 'batches':
      return client.vertexai ? new VertexBatchesBackend(client, model, storage) : new BatchesBackend(client, model, []);
    case 'models':
      return lostRequest(model);
  }
}

/** A request without a name, once the process that had sent it is gone: nothing is left of it but that it was there. */
function lostRequest(model: string): FireAndForgetBackend {
  return {
    name: 'models',
    cancelable: false,
    model,
    plan: (indices) => [indices],
    run: () => Promise.reject(new TypeError('This operation was attached to: it has nothing to send.')),
    lostHint: () => 'It may have been carried out and be charged; what it made cannot be fetched.',
  };
}

function checkBatchHost(client: GenAIClient, name: string, location: string | undefined): void {
  const isVertexBatch = location !== undefined;
  if (isVertexBatch !== client.vertexai) {
    throw new TypeError(`${name} is a batch of ${isVertexBatch ? 'Vertex' : 'the Gemini API'}: use a client of that.`);
  }
  // The SDK sends the number of the job with its own location: elsewhere it would look for another job. Names hold the
  // number of the project where clients have its id, so that the projects cannot be compared.
  const ours = apiClientOf(client)?.getLocation?.();
  if (isVertexBatch && ours !== undefined && ours !== location) {
    throw new TypeError(`${name} is a batch in ${location}: use a client with that \`location\`, not with ${ours}.`);
  }
}
