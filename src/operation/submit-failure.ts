import type { Backend } from '../backends/backend.js';
import type { CallFailure } from '../backends/failures.js';
import type { ErrorDetails } from '../errors/base-error.js';
import { MayBeRunningError } from '../errors/may-be-running-error.js';
import { NotStartedError } from '../errors/not-started-error.js';
import type { RemoteError } from '../errors/remote-error.js';
import type { OperationContext } from './context.js';
import type { Job, JobEnd } from './job.js';
import type { JobReference } from './job-snapshot.js';
import type { RetryPolicy } from './retry.js';

/** A paid request is sent again only where the server cannot have started anything. */
export function submitPolicy(job: Job, { stopped }: OperationContext): RetryPolicy {
  return {
    retries: 4,
    firstDelayMs: 500,
    maxDelayMs: 8_000,
    maxRetryAfterMs: 30_000,
    wake: job.woken,
    shouldRetry: (failure) => isRetryable(failure) && !stopped.aborted && job.end === undefined,
  };
}

/** The server has provably started nothing, and may do so later. */
export function isRetryable({ kind }: CallFailure): boolean {
  return kind === 'not-sent' || kind === 'rate-limited';
}

/** Returns the end of a job whose request failed. */
export function endOfFailure(job: Job, failure: CallFailure): JobEnd {
  if (failure.kind === 'ambiguous') return unknownEnd(job, failure.error);
  return { kind: 'not-started', failure: (jobs) => rejection(failure, job.backend, jobs) };
}

function rejection({ kind, error: cause }: CallFailure, backend: Backend, jobs: readonly JobReference[]): Error {
  if (kind === 'background-refused') {
    const why = `the server does not run it in the background (${cause.message})`;
    return notCancelable(backend.model, why, { cause, jobs });
  }
  if (kind === 'not-sent') {
    const message = `The request could not be sent, so nothing was started: ${cause.message}`;
    return new NotStartedError('NOT_SENT', message, { cause, jobs });
  }
  const message = `The server refused the request, so nothing was started: ${cause.message}${backend.hint(cause.status)}`;
  return new NotStartedError('REJECTED', message, { cause, jobs });
}

/** Returns the error for a model that cannot be cancelled where that was required. */
export function notCancelable(model: string, why: string, details?: ErrorDetails): NotStartedError {
  const message = `${model} cannot be cancelled on the server: ${why}. Use \`backend: 'batches'\` (half the price, may take hours), or accept requests that cannot be cancelled: \`backend: 'models'\`.`;
  return new NotStartedError('NOT_CANCELABLE', message, details);
}

/** The request may have been carried out, and nobody can tell. */
export function unknownEnd({ backend, displayName }: Job, cause: RemoteError): JobEnd {
  const message = `The response to the request that makes an image was lost (${cause.message}). ${backend.lostHint(displayName)}`;
  return { kind: 'unknown', failure: (jobs) => new MayBeRunningError('RESPONSE_LOST', message, { cause, jobs }) };
}
