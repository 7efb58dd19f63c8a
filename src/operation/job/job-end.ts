import { MayBeRunningError, OperationFailedError, type FailureFactory } from '../../api/errors.js';
import { compact } from '../../util/json.js';
import type { JobReference, JobState } from '../../api/snapshot.js';
import type { JobOutput, JobStatus } from '../../google/port.js';

/** How a job ended, as far as anyone can tell. */
export type JobEnd =
  | { readonly kind: 'completed'; readonly outputs: readonly JobOutput[]; readonly failure?: FailureFactory }
  | { readonly kind: 'cancelled'; readonly failure?: FailureFactory }
  | { readonly kind: 'failed'; readonly failure: FailureFactory }
  | { readonly kind: 'not-started'; readonly failure?: FailureFactory }
  | { readonly kind: 'unknown'; readonly failure: FailureFactory };

export const stateOfEnd = {
  completed: 'succeeded',
  cancelled: 'cancelled',
  failed: 'failed',
  'not-started': 'not-started',
  unknown: 'unknown',
} as const satisfies Record<JobEnd['kind'], JobState>;

/** Returns whether a status is older than the last one. Streams replay: a job that runs does not go back to its queue. */
export function isOlder(status: JobStatus, last: JobStatus | undefined): boolean {
  if (last === undefined) return false;
  if (last.phase === 'succeeded') return status.phase !== 'succeeded';
  return last.phase === 'running' && status.phase === 'queued';
}

/** Returns the end that a status tells; `undefined` while the job runs, or while its images are to be fetched. */
export function endOf(status: JobStatus): JobEnd | undefined {
  const { outputs } = status;
  switch (status.phase) {
    case 'succeeded':
      return outputs && compact({ kind: 'completed' as const, outputs, failure: status.notFetched });
    case 'cancelled':
      return { kind: 'cancelled' };
    case 'failed':
    case 'stopped':
      return { kind: 'failed', failure: (jobs) => failed(status, jobs) };
    default:
      return undefined;
  }
}

export const cancelledElsewhere: FailureFactory = (jobs) =>
  new OperationFailedError('FAILED', 'The job was cancelled on the server, but not from here.', { jobs });

/** Returns whether a job has images, as far as is known before they are fetched. A batch may complete with cancelled items only. */
export function hasMadeImages(status: JobStatus | undefined): boolean {
  return status?.phase === 'succeeded' && status.outputs?.some((one) => 'image' in one || 'elsewhere' in one) !== false;
}

/** Returns whether an image was made, or answered by a refusal. */
export function wasMade(output: JobOutput): boolean {
  return 'image' in output || 'refusal' in output || 'elsewhere' in output;
}

function failed({ status, message }: JobStatus, jobs: readonly JobReference[]): Error {
  const why = message === undefined ? '' : `: ${message}`;
  return new OperationFailedError('FAILED', `The server ended the job with status ${status}${why}.`, { jobs });
}

const TAKEN_OVER = 'Another process has taken the operation over: it delivers the images.';

/** End of a job here whose operation another process has claimed. */
export const takenOverEnd: JobEnd = {
  kind: 'unknown',
  failure: (jobs) => new MayBeRunningError('TAKEN_OVER', TAKEN_OVER, { jobs }),
};

/** Returns the end of a job whose status cannot be read: it may be running. */
export function lostEnd(tell: (names: string) => string): JobEnd {
  const namesOf = (jobs: readonly JobReference[]): string => jobs.flatMap(({ name }) => name ?? []).join(', ');
  return { kind: 'unknown', failure: (jobs) => new MayBeRunningError('WATCH_LOST', tell(namesOf(jobs)), { jobs }) };
}

/** Returns the end of a job whose results could not be read in time: they stay where they are. */
export function unreadableEnd({ pending: outputs = [], results }: Partial<JobStatus> = {}): JobEnd {
  const from = results === undefined ? '' : ` from ${results}`;
  const message = `The job has completed, but its results could not be read in time${from}.`;
  const failure: FailureFactory = (jobs) => new OperationFailedError('RESULT_UNREADABLE', message, { jobs });
  return { kind: 'completed', outputs, failure };
}
