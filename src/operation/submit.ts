import type { CancelableBackend, JobStatus } from '../backends/backend.js';
import { failureOf, type CallFailure } from '../backends/failures.js';
import { RemoteError } from '../errors/remote-error.js';
import { stopLateJob } from '../stop/late-job.js';
import type { OperationContext } from './context.js';
import type { Job } from './job.js';
import { findLostCreate } from './lost-create.js';
import { isRecorded } from './record-first.js';
import { retry } from './retry.js';
import { endOfFailure, submitPolicy, unknownEnd } from './submit-failure.js';

/** What came of submitting a job: it is on its way to its end, or the server does not run such jobs in the background. */
export type Submission = 'submitted' | 'background-refused';

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
    return await submit(job, backend, context);
  } finally {
    context.recorder?.afterCreate(job);
  }
}

async function submit(job: Job, backend: CancelableBackend, context: OperationContext): Promise<Submission> {
  job.submitting();
  try {
    await accept(job, backend, await create(job, backend, context), context);
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === 'background-refused' && context.canFallBack()) return 'background-refused';
    if (failure.kind === 'ambiguous' && backend.find !== undefined) await findAgain(job, backend, failure, context);
    else job.finish(endOfFailure(job, failure));
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
  const { timers, settings, track } = context;
  const { submitMs } = settings.limits;
  const giveUp = timers.after(submitMs, () => {
    job.finish(unknownEnd(job, new RemoteError(`no answer within ${submitMs} ms`)));
  });
  job.over.addEventListener('abort', giveUp);
  const forget: (() => void)[] = [giveUp, context.awaitAnswer(), () => job.over.removeEventListener('abort', giveUp)];
  try {
    return await track(
      () => backend.create(job.indices, job.displayName),
      (connection) => {
        const remove = timers.add(connection);
        forget.push(remove);
        return remove;
      },
    );
  } finally {
    for (const drop of forget) drop();
  }
}
