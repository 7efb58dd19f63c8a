import type { ExistingJob } from './plan.js';
import { NotStartedError, OperationFailedError, RemoteError } from '../../api/errors.js';
import { watchJob } from './watch-job.js';
import type { OperationContext } from './context.js';
import { isCancelable, type Job } from './job.js';
import type { JobEnd } from './job-end.js';
import type { JobState } from '../../api/snapshot.js';
import { cancelDuplicates, findAgain } from './lost-create.js';
import { unknownEnd } from './submit-failure.js';

/** A create that was sent so long ago is in the list by now, if it ever will be. */
const LISTED_AFTER_MS = 60_000;

/** Watches a job that was started before. One without a name is looked for where the API can list. */
export async function attachJob(job: Job, existing: ExistingJob, context: OperationContext): Promise<void> {
  const { state, duplicates } = existing;
  if (isCancelable(job) && job.id !== undefined) void cancelDuplicates(duplicates, job.id, job, context);
  else if (isCancelable(job) && job.backend.find !== undefined && mayHaveStarted(state)) {
    const isOld = context.timers.now() - context.startedAt > LISTED_AFTER_MS;
    const notFound = (why: string): JobEnd => unknownEnd(job, new RemoteError(why));
    await findAgain(job, context, notFound, duplicates, isOld ? 1 : undefined);
  } else finishUnnamed(job, state);
  if (isCancelable(job) && !job.over.aborted) await watchJob(job, context);
}

/** Nothing was ever sent for it, or the server refused it. */
export function wasNeverStarted(state: JobState): boolean {
  return state === 'waiting' || state === 'not-started';
}

/** Whether a job without a name may run, for all that is known. */
function mayHaveStarted(state: JobState): boolean {
  return state === 'submitting' || state === 'unknown' || state === 'queued' || state === 'running';
}

/** A synchronous request has been answered, or not: either way its answer went to who had sent it. */
function finishUnnamed(job: Job, state: JobState): void {
  if (mayHaveStarted(state)) {
    job.finish(unknownEnd(job, new RemoteError('its answer is for the process that had sent it')));
  } else if (wasNeverStarted(state)) {
    const message = 'It had never been started.';
    job.finish({ kind: 'not-started', failure: (jobs) => new NotStartedError('NOT_SENT', message, { jobs }) });
  } else {
    const message = `It had ended as ${state} where it was started; what it may have made cannot be fetched from here.`;
    job.finish({ kind: 'failed', failure: (jobs) => new OperationFailedError('FAILED', message, { jobs }) });
  }
}
