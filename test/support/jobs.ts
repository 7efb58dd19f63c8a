import type { Backend, CancelableBackend, FireAndForgetBackend, JobStatus } from '../../src/backends/backend.js';
import { RemoteError } from '../../src/errors/remote-error.js';
import { SubmitRejectedError } from '../../src/errors/submit-rejected-error.js';
import { Job, type JobEnd } from '../../src/operation/job.js';

const silent = { changed: (): void => undefined, unknownStatus: (): void => undefined };

/** As far as a job asks its backend; nothing can be sent by it. */
export function cancelableBackend(fields: Partial<CancelableBackend> = {}): Backend {
  const backend: Partial<CancelableBackend> = {
    name: 'interactions',
    cancelable: true,
    nameOf: (id) => `interactions/${id}`,
    redact: (message) => message,
    lostHint: (displayName) => `lost ${displayName}`,
    ...fields,
  };
  return backend as CancelableBackend;
}

/** The same, for fire and forget. */
export function lastingBackend(): Backend {
  const backend: Partial<FireAndForgetBackend> = { name: 'models', cancelable: false, redact: (message) => message };
  return backend as FireAndForgetBackend;
}

/** A job for the first image, or for these, with what the server last said of it and how it ended. */
export function jobWith(
  fields: { backend?: Backend; indices?: readonly number[]; status?: Partial<JobStatus>; end?: JobEnd } = {},
): Job {
  const { backend = cancelableBackend(), indices = [0], status, end } = fields;
  const job = new Job(indices, backend, silent);
  if (status !== undefined) {
    job.accepted('a');
    job.observe({ id: 'a', status: 'in_progress', phase: 'running', ...status }, 1);
  }
  if (end !== undefined) job.finish(end);
  return job;
}

/** How a job ends whose request the server refuses with this status; `undefined` if it could not be sent. */
export function refusal(status: number | undefined): JobEnd {
  const cause = new RemoteError('refused', { status });
  return { kind: 'failed', failure: (jobs) => new SubmitRejectedError('refused', { cause, jobs }) };
}

/** How a job ends that the server says has failed. */
export const failure: JobEnd = { kind: 'failed', failure: () => new Error('It has failed.') };

/** How a job ends of which nobody knows. */
export const unknown: JobEnd = { kind: 'unknown', failure: () => new Error('Nobody knows.') };
