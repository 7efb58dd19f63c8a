import type { CancelableBackend } from '../../google/port.js';
import type { OperationContext } from './context.js';
import { howToCancel } from '../../api/commands.js';
import { Job } from './job.js';
import { watchJob } from './watch-job.js';
import { cancelJob } from './cancel-job.js';

/**
 * Cancels a job whose name arrived after its operation had settled: nobody waits for it any more, so it must not go on
 * running. It does not keep the process alive, and a `warning` says how it ended.
 */
export async function cancelLateJob(
  lost: Job,
  backend: CancelableBackend,
  id: string,
  context: OperationContext,
): Promise<void> {
  if (lost.lateIds.has(id)) return;
  lost.lateIds.add(id);
  const { warn, recorder } = context;
  const done = context.awaitAnswer();
  recorder?.lateName(lost, backend.nameOf(id));
  const job = unwatchedJob(id, lost, backend, context);
  await cancelUnwatched(job, backend, context);
  const name = job.name ?? '';
  if (!hasEnded(job)) {
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
  done();
}

/** Makes a job that no operation watches, for the images of another one. */
export function unwatchedJob(
  id: string,
  { indices, displayName, isGiven }: Job,
  backend: CancelableBackend,
  { debug }: OperationContext,
): Job {
  const listener = { changed: () => undefined, unknownStatus: () => undefined, debug };
  const job = new Job(indices, backend, listener, { displayName, isGiven });
  job.take({ type: 'named', id });
  return job;
}

/** Cancels a job that no operation watches, and waits within the budget for its end. */
export async function cancelUnwatched(job: Job, backend: CancelableBackend, context: OperationContext): Promise<void> {
  const dropBudget = context.timers.after(context.settings.cancelTimeoutMs, () => job.close());
  await Promise.all([cancelJob(job, context), watchJob(job, backend, { ...context, warn: () => undefined })]);
  dropBudget();
}

/** Returns whether the server has told how a job ended. */
export function hasEnded({ end }: Job): boolean {
  return end !== undefined && end.kind !== 'unknown';
}

/** Cancels a named job whose end is unknown, as `images.cancel(name)` does. Returns any other job as it is. */
export async function cancelUnknown(job: Job, context: OperationContext): Promise<Job> {
  const { id, backend, end } = job;
  if (id === undefined || end?.kind !== 'unknown' || !backend.cancelable) return job;
  const again = unwatchedJob(id, job, backend, context);
  await cancelUnwatched(again, backend, context);
  return again;
}
