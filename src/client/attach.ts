import { expected } from '../util/expected.js';
import { expectJobName, parseJobName, type BackendName } from '../api/job-name.js';
import type { ExistingJob, Plan } from '../operation/job/plan.js';
import { differenceOf, parseSnapshot, type JobReference, type OperationSnapshot } from '../api/snapshot.js';
import { backends } from '../google/backends.js';
import type { Backend } from '../google/port.js';
import type { CloudStorage } from '../api/cloud-storage.js';
import { serverOf, type GenAIClient } from '../google/sdk.js';
import { readOptions, type OperationOptions } from '../api/options.js';
import type { Operation } from '../api/handle.js';
import type { CancelReport } from '../api/report.js';
import { recordEnds } from '../journal/join.js';
import { duplicatesOf } from '../journal/record.js';
import { compact } from '../util/json.js';
import { Timers } from '../util/timers.js';
import type { Operations } from './operations.js';

/** Options of `attach()`: those of any operation, which apply from here on. */
export interface AttachOptions extends OperationOptions {
  /** A `Storage` of Google's Cloud Storage client, to read the results of batches on Vertex with. @default none */
  storage?: CloudStorage | undefined;
}

export function attach(
  operations: Operations,
  nameOrSnapshot: string | OperationSnapshot,
  options: AttachOptions = {},
): Operation {
  const { storage, ...operationOptions } = readOptions(options, ['storage']);
  const settings = operations.open(operationOptions);
  if (typeof nameOrSnapshot === 'string') {
    return operations.start(existingJob(operations.client, nameOrSnapshot, storage), settings, { record: 'join' });
  }
  const snapshot = parseSnapshot(nameOrSnapshot);
  if (snapshot.jobs.length === 0) throw new TypeError(expected('snapshot.jobs', 'a list of one job or more', []));
  // A snapshot may be old: what had not been sent when it was taken may have been since.
  const jobs = snapshot.jobs.map((job) => (job.state === 'waiting' ? { ...job, state: 'submitting' as const } : job));
  const plan = existingOperation(operations.client, { ...snapshot, jobs }, storage);
  const { id, tag, startedAt } = snapshot;
  return operations.start(plan, settings, { id, tag, startedAt, record: 'join' });
}

export async function cancelByName(operations: Operations, name: string): Promise<CancelReport> {
  const { client } = operations;
  const settings = operations.settings();
  const report = await operations.start(existingJob(client, name), settings, {}).cancel();
  await recordEnds(settings.journal, serverOf(client), report, new Timers(settings.clock));
  return report;
}

/** A job that is known by its name only. Throws a `TypeError` for what is no name, or is a batch elsewhere. */
export function existingJob(client: GenAIClient, name: string, storage?: CloudStorage): Plan {
  const { backend: kind } = expectJobName('name', name);
  backends[kind].checkName?.(client, name);
  const backend = backends[kind].attach(client, 'the model', storage);
  const job = existingJobOf({ index: 0, backend: kind, name, state: 'queued' }, backend, client);
  return { backend, existing: [{ ...job, isGiven: true, duplicates: [] }], numberOfImages: 0 };
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
  const made = new Map<BackendName, Backend>();
  const backendNamed = (kind: BackendName): Backend => {
    const backend = made.get(kind) ?? backends[kind].attach(client, snapshot.model, storage);
    made.set(kind, backend);
    return backend;
  };
  const existing = snapshot.jobs.flatMap((job) => {
    const duplicates = duplicatesOf(job, snapshot.jobs);
    if (duplicates.includes(job)) return [];
    const ids = duplicates.flatMap(({ name }) => parseJobName(name)?.id ?? []);
    return { ...existingJobOf(job, backendNamed(job.backend), client), duplicates: ids };
  });
  return { backend: backendNamed(snapshot.backend), existing, numberOfImages: 0 };
}

function existingJobOf(job: JobReference, backend: Backend, client: GenAIClient): Omit<ExistingJob, 'duplicates'> {
  const { index, indices, name, displayName, state } = job;
  const isUncounted = backends[job.backend].isUncounted?.(client, indices) === true;
  const id = parseJobName(name)?.id;
  return compact({ backend, indices: isUncounted ? [] : (indices ?? [index]), id, displayName, state });
}
