import type { Backend, CancelableBackend, FireAndForgetBackend, JobOutput, JobStatus } from '../../src/google/port.js';
import { MayBeRunningError, NotStartedError, OperationFailedError, RemoteError } from '../../src/api/errors.js';
import { Job } from '../../src/operation/job/job.js';
import type { JobEnd } from '../../src/operation/job/job-end.js';

const silent = { changed: (): void => undefined, unknownStatus: (): void => undefined };

/** As far as a job asks its backend; nothing can be sent by it. */
export function cancelableBackend(fields: Partial<CancelableBackend> = {}): Backend {
  const backend: Partial<CancelableBackend> = {
    name: 'interactions',
    cancelable: true,
    nameOf: (id) => `interactions/${id}`,
    lostHint: (displayName) => `lost ${displayName}`,
    ...fields,
  };
  return backend as CancelableBackend;
}

/** The same, for fire and forget. */
export function lastingBackend(): Backend {
  const backend: Partial<FireAndForgetBackend> = { name: 'models', cancelable: false };
  return backend as FireAndForgetBackend;
}

/** A job for the first image, or for these, with what the server last said of it and how it ended. */
export function jobWith(
  fields: { backend?: Backend; indices?: readonly number[]; status?: Partial<JobStatus>; end?: JobEnd } = {},
): Job {
  const { backend = cancelableBackend(), indices = [0], status, end } = fields;
  const job = new Job(indices, backend, silent);
  if (status !== undefined) {
    job.take({ type: 'named', id: 'a' });
    job.observe({ id: 'a', status: 'in_progress', phase: 'running', ...status }, 1);
  }
  if (end !== undefined) job.finish(end);
  return job;
}

/** Jobs for one image each, which end in these ways. One without an end has not ended. */
export const jobsWith = (...ends: (JobEnd | undefined)[]): Job[] =>
  ends.map((end, index) => jobWith({ indices: [index], ...(end === undefined ? {} : { end }) }));

/** End of a job whose request the server rejects with this status; `undefined` if it could not be sent. */
export function refusal(status: number | undefined): JobEnd {
  const cause = new RemoteError('refused', { status });
  const code = status === undefined ? 'NOT_SENT' : 'REJECTED';
  return { kind: 'not-started', failure: (jobs) => new NotStartedError(code, 'refused', { cause, jobs }) };
}

/** End of a job that the server says has failed. */
export const failure: JobEnd = {
  kind: 'failed',
  failure: (jobs) => new OperationFailedError('FAILED', 'It has failed.', { jobs }),
};

/** End of a job that nobody knows. */
export const unknown: JobEnd = {
  kind: 'unknown',
  failure: (jobs) => new MayBeRunningError('WATCH_LOST', 'Nobody knows.', { jobs }),
};

export const rejected = refusal(400);
export const cancelled: JobEnd = { kind: 'cancelled' };
export const notStarted: JobEnd = { kind: 'not-started' };

export const image: JobOutput = { image: { imageBytes: 'x' } };
export const elsewhere: JobOutput = { elsewhere: 'gs://bucket' };
export const done = (...outputs: JobOutput[]): JobEnd => ({ kind: 'completed', outputs });

/** End of a job whose images stay where they are: they cannot be read. */
export const unread: JobEnd = {
  kind: 'completed',
  outputs: [elsewhere],
  failure: (jobs) => new OperationFailedError('RESULT_UNREADABLE', 'It cannot be read.', { jobs }),
};

/** Status of a job that has completed, and whose images are still to be fetched. */
export const completing = { status: 'completed', phase: 'succeeded' } as const;

/** The cancel that a report is about. */
export const request = { trigger: 'cancel', reason: 'enough', requestedAt: 1 } as const;
