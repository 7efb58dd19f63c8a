import type { CancelableBackend } from '../backends/backend.js';
import type { OperationContext } from '../operation/context.js';
import { howToCancel } from '../commands.js';
import { Job } from '../operation/job.js';
import { watchJob } from '../watch/watch-job.js';
import { stopJob } from './stop-job.js';

/**
 * Cancels a job whose name arrived after its operation had settled: nobody waits for it any more, so it must not go on
 * running. It does not keep the process alive, and a `warning` says how it ended.
 */
export async function stopLateJob(
  lost: Job,
  backend: CancelableBackend,
  id: string,
  context: OperationContext,
): Promise<void> {
  const { warn, recorder } = context;
  recorder?.lateName(lost, backend.nameOf(id));
  const job = await cancelUnwatched(id, lost, backend, context);
  const name = job.name ?? '';
  if (job.end === undefined) {
    warn(
      'may-be-running',
      `${name} was accepted after its operation had ended, and its cancel could not be confirmed: it may be running. Cancel it with: ${howToCancel(name)}`,
    );
  } else {
    recorder?.lateEnd(lost);
    warn(
      'late-job-cancelled',
      `${name} was accepted after its operation had ended, and was cancelled. Its status is ${job.lastStatus ?? 'not known'}.`,
    );
  }
}

/** Cancels a job that no operation watches, and waits within the budget for its end. It has the images of `lost`. */
export async function cancelUnwatched(
  id: string,
  { indices, displayName }: Job,
  backend: CancelableBackend,
  context: OperationContext,
): Promise<Job> {
  const listener = { changed: () => undefined, unknownStatus: () => undefined };
  const job = new Job(indices, backend, listener, displayName);
  job.accepted(id);
  const dropBudget = context.timers.after(context.settings.cancelTimeoutMs, () => job.close());
  await Promise.all([stopJob(job, context.timers), watchJob(job, backend, { ...context, warn: () => undefined })]);
  dropBudget();
  return job;
}
