import type { CancellableBackend, JobStatus } from '../backends/backend.js';
import { describeFailure } from '../backends/call-failure.js';
import { RemoteError } from '../errors/remote-error.js';
import { stopLateJob } from '../stop/late-job.js';
import type { OperationContext } from './context.js';
import type { Job } from './job.js';
import { FailedCallError, failureIn, retry } from './retry.js';
import { endOfFailure, isBackgroundRefusal, submitPolicy, unknownEnd } from './submit-failure.js';

/** What came of submitting a job: it is on its way to its end, or the server does not run such jobs in the background. */
export type Submission = 'submitted' | 'background-refused';

/**
 * Starts one job, at once: the create is handed to the SDK before this returns. It is sent again only where the server
 * cannot have started anything. An answer that has landed is kept, however late: it names a job that costs money.
 */
export async function submitJob(job: Job, backend: CancellableBackend, context: OperationContext): Promise<Submission> {
  if (context.stopped.aborted) {
    job.finish({ kind: 'not-started' });
    return 'submitted';
  }
  job.submitting();
  let status: JobStatus;
  try {
    status = await retry(() => createOnce(job, backend, context), submitPolicy(job, context), context.timers);
  } catch (error) {
    const failure = failureIn(error);
    if (isBackgroundRefusal(failure) && context.canFallBack()) return 'background-refused';
    job.finish(endOfFailure(job, failure, context));
    return 'submitted';
  }
  if (job.over.aborted) {
    await stopLateJob(job, backend, status, context);
  } else {
    job.accepted(status.id);
    job.observe(status, context.timers.now());
  }
  return 'submitted';
}

async function createOnce(job: Job, backend: CancellableBackend, context: OperationContext): Promise<JobStatus> {
  const { timers, settings, host } = context;
  const giveUp = timers.after(settings.submitTimeoutMs, () => {
    job.finish(unknownEnd(job, new RemoteError(`no answer within ${settings.submitTimeoutMs} ms`)));
  });
  job.over.addEventListener('abort', giveUp);
  const forget: (() => void)[] = [giveUp, () => job.over.removeEventListener('abort', giveUp)];
  try {
    return await host.track(
      () => backend.create(job.indices),
      (connection) => {
        const remove = timers.add(connection);
        forget.push(remove);
        return remove;
      },
    );
  } catch (error) {
    throw new FailedCallError(describeFailure(error));
  } finally {
    for (const drop of forget) drop();
  }
}
