import { failureOf } from '../../google/failures.js';
import { NotStartedError } from '../../api/errors.js';
import type { JobRecorder, OperationContext } from './context.js';
import type { Job } from './job.js';

/**
 * Writes down that the create of a job may be on its way. Resolves to whether to send it: not if it could not be written
 * down, nor if it was stopped meanwhile.
 */
export async function writeAhead(job: Job, recorder: JobRecorder, context: OperationContext): Promise<boolean> {
  try {
    await recorder.beforeCreate(job);
  } catch (error) {
    const { error: cause } = failureOf(error);
    const message = 'The journal could not be written, so nothing was sent.';
    job.finish({
      kind: 'not-started',
      failure: (jobs) => new NotStartedError('JOURNAL_FAILED', message, { jobs, cause }),
    });
    return false;
  }
  if (context.stopped.aborted) job.finish({ kind: 'not-started' });
  if (job.end === undefined) return true;
  recorder.afterCreate(job);
  return false;
}
