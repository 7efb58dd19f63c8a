import type { JobRecorder, OperationContext } from './context.js';
import type { Job } from './job.js';

/**
 * Writes down that the create of a job may be on its way. Resolves to whether to send it: not if it could not be written
 * down, nor if it was stopped meanwhile.
 */
export async function isRecorded(job: Job, recorder: JobRecorder, context: OperationContext): Promise<boolean> {
  try {
    await recorder.beforeCreate(job);
  } catch (error) {
    job.finish({ kind: 'not-started', failure: () => error as Error });
    return false;
  }
  if (context.stopped.aborted) job.finish({ kind: 'not-started' });
  if (job.end === undefined) return true;
  recorder.afterCreate(job);
  return false;
}
