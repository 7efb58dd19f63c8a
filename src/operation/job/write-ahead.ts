import { failureOf } from '../../google/failures.js';
import { NotStartedError } from '../../api/errors.js';
import type { OperationContext } from './context.js';
import type { Job } from './job.js';
import { pauseOver } from './send.js';

/** Whether to send the create of a job: `true` if there is nothing to wait for, so that it is sent in this turn. */
export function maySend(job: Job, context: OperationContext): Promise<boolean> | true {
  const isReady = context.recorder === undefined && context.pausedUntil.size === 0 && !context.stopped.aborted;
  return isReady || writeAhead(job, context);
}

/**
 * Waits until the create of a job may be sent, and writes down that it may be on its way. Resolves to whether to send it: not
 * if it could not be written down, nor if it was stopped meanwhile.
 */
async function writeAhead(job: Job, context: OperationContext): Promise<boolean> {
  const { recorder, stopped, pausedUntil } = context;
  if (pausedUntil.size > 0) await pauseOver(job, context);
  if (stopped.aborted) job.finish({ kind: 'not-started' });
  if (recorder === undefined || stopped.aborted) return !stopped.aborted;
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
