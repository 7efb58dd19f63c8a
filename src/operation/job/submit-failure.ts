import type { Backend } from '../../google/port.js';
import type { CallFailure } from '../../google/failures.js';
import { type ErrorDetails, MayBeRunningError, NotStartedError, type RemoteError } from '../../api/errors.js';
import type { OperationContext } from './context.js';
import type { Job } from './job.js';
import type { JobEnd } from './job-end.js';
import type { JobReference } from '../../api/snapshot.js';
import type { RetryPolicy } from './retry.js';

/** A paid request is sent again only where the server says that it has started nothing. A request that could not be sent is reported at once. */
export function submitPolicy(job: Job, { stopped, refused }: OperationContext): RetryPolicy {
  // A refusal of the background concerns the requests that run there.
  const wakes = job.backend.cancelable ? [stopped, refused] : [stopped];
  return {
    retries: 4,
    firstDelayMs: 500,
    maxDelayMs: 8_000,
    maxRetryAfterMs: 30_000,
    wakes,
    shouldRetry: ({ kind }) =>
      kind === 'rate-limited' && !wakes.some(({ aborted }) => aborted) && job.end === undefined,
  };
}

/**
 * The server has started nothing, and may do so later. What could not be sent is reported at once: the caller has to act,
 * not to wait.
 */
export function isRetryable({ kind }: CallFailure): boolean {
  return kind === 'rate-limited';
}

/** Returns the end of a job whose request failed. */
export function endOfFailure(job: Job, failure: CallFailure): JobEnd {
  if (failure.kind === 'ambiguous') return unknownEnd(job, failure.error);
  return { kind: 'not-started', failure: (jobs) => rejection(failure, job.backend, jobs) };
}

function rejection({ kind, error: cause }: CallFailure, backend: Backend, jobs: readonly JobReference[]): Error {
  if (kind === 'background-refused') {
    return backgroundRefused(backend.model, cause, jobs);
  }
  if (kind === 'not-sent') {
    const message = `The request could not be sent, so nothing was started: ${cause.message}`;
    return new NotStartedError('NOT_SENT', message, { cause, jobs });
  }
  const message = `The server refused the request, so nothing was started: ${cause.message}${backend.hint(cause.status)}`;
  return new NotStartedError('REJECTED', message, { cause, jobs });
}

/** Reason why a model is not made by interactions. */
export const REFUSED = 'the server does not run it in the background';

/** Returns the error for a model that the server has just refused to run in the background. */
export function backgroundRefused(model: string, cause: RemoteError, jobs: readonly JobReference[]): NotStartedError {
  return notCancelable(model, `${REFUSED} (${cause.message})`, { cause, jobs });
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
