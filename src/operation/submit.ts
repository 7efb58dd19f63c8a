import type { CancelableBackend, JobStatus } from '../backends/backend.js';
import { describeFailure, type CallFailure } from '../backends/call-failure.js';
import { RemoteError } from '../errors/remote-error.js';
import { stopLateJob } from '../stop/late-job.js';
import type { OperationContext } from './context.js';
import type { Job } from './job.js';
import { findLostCreate } from './lost-create.js';
import { isRecorded } from './record-first.js';
import { FailedCallError, failureIn, retry } from './retry.js';
import {
  endOfFailure,
  isAmbiguous,
  isBackgroundRefusal,
  isProvablyNotStarted,
  submitPolicy,
  unknownEnd,
} from './submit-failure.js';

/**
 * Result of submitting a job. `submitted`: it is on its way to its end. `not-sent`: a sibling was refused while it waited to
 * be sent. A failure: the server does not run it in the background.
 */
export type Submission = 'submitted' | 'not-sent' | CallFailure;

/**
 * Starts one job, at once: the create is handed to the SDK before this returns. It is sent again only where the server
 * cannot have started anything. An answer that has landed is kept, however late: it names a job that costs money.
 */
export async function submitJob(job: Job, backend: CancelableBackend, context: OperationContext): Promise<Submission> {
  if (context.stopped.aborted) {
    job.finish({ kind: 'not-started' });
    return 'submitted';
  }
  if (context.recorder !== undefined && !(await isRecorded(job, context.recorder, context))) return 'submitted';
  try {
    // A sibling was refused while this one was written down: it would be refused too.
    return context.refused.aborted ? 'not-sent' : await submit(job, backend, context);
  } finally {
    context.recorder?.afterCreate(job);
  }
}

async function submit(job: Job, backend: CancelableBackend, context: OperationContext): Promise<Submission> {
  job.submitting();
  const answered = context.awaitAnswer();
  try {
    await accept(job, backend, await create(job, backend, context), context);
  } catch (error) {
    const failure = failureIn(error);
    const isRefused = isBackgroundRefusal(backend, failure);
    if (isRefused) context.rememberRefusal();
    if (isRefused && !context.stopped.aborted) return failure;
    if (context.refused.aborted && isProvablyNotStarted(failure)) return 'not-sent';
    if (isAmbiguous(failure) && backend.find !== undefined) await findAgain(job, backend, failure, context);
    else job.finish(endOfFailure(job, failure));
  } finally {
    answered();
  }
  return 'submitted';
}

function create(job: Job, backend: CancelableBackend, context: OperationContext): Promise<JobStatus> {
  return retry(() => createOnce(job, backend, context), submitPolicy(job, context), context.timers);
}

/** Takes the answer to a create, also one that comes when nobody waits for it any more. */
async function accept(
  job: Job,
  backend: CancelableBackend,
  status: JobStatus,
  context: OperationContext,
): Promise<void> {
  if (job.over.aborted) return stopLateJob(job, backend, status.id, context);
  job.accepted(status.id);
  job.observe(status, context.timers.now());
}

/** The answer to a create was lost, and the API can list: the library attaches to the job that it finds. */
async function findAgain(
  job: Job,
  backend: CancelableBackend,
  failure: CallFailure,
  context: OperationContext,
): Promise<void> {
  const lost = await findLostCreate(job, backend, context);
  if ('why' in lost) job.finish(endOfFailure(job, failure));
  else if (job.over.aborted) await stopLateJob(job, backend, lost.id, context);
  else job.accepted(lost.id);
}

async function createOnce(job: Job, backend: CancelableBackend, context: OperationContext): Promise<JobStatus> {
  const { timers, settings, host } = context;
  const { submitMs } = settings.limits;
  const giveUp = timers.after(submitMs, () => {
    job.finish(unknownEnd(job, new RemoteError(`no answer within ${submitMs} ms`)));
  });
  job.over.addEventListener('abort', giveUp);
  const forget: (() => void)[] = [giveUp, () => job.over.removeEventListener('abort', giveUp)];
  try {
    return await host.track(
      () => backend.create(job.indices, job.displayName),
      (connection) => {
        const remove = timers.add(connection);
        forget.push(remove);
        return remove;
      },
    );
  } catch (error) {
    throw new FailedCallError(describeFailure(error, (message) => backend.redact(message)));
  } finally {
    for (const drop of forget) drop();
  }
}
