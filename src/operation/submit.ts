import type { Backend, JobStatus } from '../backends/backend.js';
import { describeFailure, type CallFailure } from '../backends/call-failure.js';
import { BackgroundUnsupportedError } from '../errors/background-unsupported-error.js';
import { RemoteError } from '../errors/remote-error.js';
import { SubmitRejectedError } from '../errors/submit-rejected-error.js';
import { SubmitUnknownError } from '../errors/submit-unknown-error.js';
import { stopLateJob } from '../stop/late-job.js';
import type { OperationContext } from './context.js';
import type { Job, JobEnd } from './job.js';
import { FailedCallError, failureIn, retry } from './retry.js';

const RETRIES = 4;

/**
 * Starts one job, at once: the create is handed to the SDK before this returns. It is sent again only where the server
 * cannot have started anything. An answer that has landed is kept, however late: it names a job that costs money.
 */
export async function submitJob(job: Job, context: OperationContext): Promise<void> {
  if (context.stopped.aborted) {
    job.finish({ kind: 'not-started' });
    return;
  }
  job.submitting();
  let status: JobStatus;
  try {
    status = await retry(() => createOnce(job, context), policyOf(job, context), context.timers);
  } catch (error) {
    job.finish(endOfFailure(job, failureIn(error), context));
    return;
  }
  if (job.over.aborted) return stopLateJob(job, status, context);
  job.accepted(status.id);
  job.observe(status, context.timers.now());
}

function policyOf(job: Job, { stopped }: OperationContext): Parameters<typeof retry>[1] {
  return {
    retries: RETRIES,
    firstDelayMs: 500,
    maxDelayMs: 8_000,
    maxRetryAfterMs: 30_000,
    wake: stopped,
    shouldRetry: (failure) => isProvablyNotStarted(failure) && !stopped.aborted && job.end === undefined,
  };
}

async function createOnce(job: Job, context: OperationContext): Promise<JobStatus> {
  const { timers, settings, host } = context;
  const giveUp = timers.after(settings.submitTimeoutMs, () => {
    job.finish(unknownEnd(new RemoteError(`no answer within ${settings.submitTimeoutMs} ms`)));
  });
  job.over.addEventListener('abort', giveUp);
  const forget: (() => void)[] = [giveUp, () => job.over.removeEventListener('abort', giveUp)];
  try {
    return await host.track(
      () => job.backend.create(job.index),
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

/** Refused connections, 429 and 503. Anything else after the request was sent may have started a job. */
function isProvablyNotStarted({ neverSent, status }: CallFailure): boolean {
  return neverSent || status === 429 || status === 503;
}

/** A 408 or 499 may come from a proxy that had passed the request on; other 5xx, 2xx and 3xx prove nothing either. */
function isRefusal({ status }: CallFailure): boolean {
  if (status === 501) return true;
  return status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 499;
}

function endOfFailure(job: Job, failure: CallFailure, context: OperationContext): JobEnd {
  const { backend } = job;
  const cause = withoutPrompt(failure.error, backend);
  if (!isProvablyNotStarted(failure) && !isRefusal(failure)) return unknownEnd(cause);
  return {
    kind: context.stopped.aborted ? 'not-started' : 'failed',
    failure: (jobs) =>
      isBackgroundRefusal(failure)
        ? new BackgroundUnsupportedError(backend.model, { cause, jobs })
        : new SubmitRejectedError(rejectionMessage(failure, cause, backend), { cause, jobs }),
  };
}

function unknownEnd(cause: RemoteError): JobEnd {
  return { kind: 'unknown', failure: (jobs) => new SubmitUnknownError({ cause, jobs }) };
}

/** A 400 that names `background`, or a collection that does not exist. Nothing else means that it cannot be done. */
function isBackgroundRefusal({ status, error }: CallFailure): boolean {
  if (status === 400) return /\bbackground\b/i.test(error.message);
  return status === 404 || status === 405 || status === 501;
}

function rejectionMessage({ neverSent }: CallFailure, cause: RemoteError, backend: Backend): string {
  if (neverSent) return `The request could not be sent, so nothing was started: ${cause.message}`;
  return `The server refused the request, so nothing was started: ${cause.message}${backend.hint(cause.status)}`;
}

/** Servers may quote what they refuse. */
function withoutPrompt(error: RemoteError, backend: Backend): RemoteError {
  const message = backend.redact(error.message);
  return message === error.message ? error : new RemoteError(message, error);
}
