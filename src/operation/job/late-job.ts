import type { JobStatus } from '../../google/port.js';
import type { OperationContext } from './context.js';
import { howToCancel, howToFetch } from '../../api/commands.js';
import { isCancelable, Job, type CancelableJob } from './job.js';
import { watchJob } from './watch-job.js';
import { hasMadeImages } from './job-end.js';
import { cancelJob } from './cancel-job.js';

/** Cancels a job whose name arrived when its operation had stopped waiting for it. A `warning` says how it ended. */
export async function cancelLateJob(lost: CancelableJob, id: string, context: OperationContext): Promise<void> {
  if (lost.lateJobs.has(id)) return;
  const job = unwatchedJob(id, lost, context);
  lost.lateJobs.set(id, job);
  const { warn, recorder } = context;
  const done = context.awaitAnswer();
  recorder?.lateName(lost, lost.backend.nameOf(id));
  const { name = '' } = await cancelUnwatched(job, context);
  const what = `The name ${name} came after its operation had stopped waiting for it, and the job`;
  if (hasMadeImages(job.facts.status)) {
    const advice = `Fetch its images with: ${howToFetch(name, undefined, job.results)}`;
    warn('image-not-handed-over', `${what} has the status ${job.lastStatus ?? 'not known'}. ${advice}`);
  } else if (hasEnded(job)) {
    recorder?.lateEnd(lost);
    warn('late-job-cancelled', `${what} was asked to cancel. Its status is ${job.lastStatus ?? 'not known'}.`);
  } else {
    const advice = `Cancel it with: ${howToCancel(name)}`;
    warn('may-be-running', `${what} may be running: its cancel could not be confirmed. ${advice}`);
  }
  done();
}

/** Makes a job that no operation watches, for the images of another one. */
export function unwatchedJob(id: string, like: CancelableJob, { debug }: OperationContext): CancelableJob {
  const listener = { changed: () => undefined, unknownStatus: () => undefined, debug };
  const job = new Job(like.indices, like.backend, listener, like);
  job.take({ type: 'named', id });
  return job;
}

/** Cancels a job that no operation watches, and waits within the budget for its end. `status`: its last, if it was read. */
export async function cancelUnwatched(job: CancelableJob, context: OperationContext, status?: JobStatus): Promise<Job> {
  const dropBudget = context.timers.after(context.settings.cancelTimeoutMs, () => job.close());
  const cancelled = cancelJob(job, context);
  if (status !== undefined) job.observe(status, context.timers.now());
  await Promise.all([cancelled, watchJob(job, { ...context, warn: () => undefined })]);
  dropBudget();
  return job;
}

/** Returns whether the server has told how a job ended. */
export function hasEnded({ end }: Job): boolean {
  return end !== undefined && end.kind !== 'unknown';
}

/** Cancels a named job whose end is unknown, as `images.cancel(name)` does. Returns any other job as it is. */
export async function cancelUnknown(job: Job, context: OperationContext): Promise<Job> {
  const { id, end } = job;
  if (id === undefined || end?.kind !== 'unknown' || !isCancelable(job)) return job;
  // Its last status may tell how many images it makes.
  return cancelUnwatched(unwatchedJob(id, job, context), context, job.facts.status);
}
