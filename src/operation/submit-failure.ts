import type { Backend } from '../backends/backend.js';
import type { CallFailure } from '../backends/call-failure.js';
import { backgroundRefused } from '../backends/choose.js';
import { MayBeRunningError } from '../errors/may-be-running-error.js';
import { NotStartedError } from '../errors/not-started-error.js';
import { RemoteError } from '../errors/remote-error.js';
import type { OperationContext } from './context.js';
import type { Job, JobEnd } from './job.js';
import type { JobReference } from './job-snapshot.js';
import type { RetryPolicy } from './retry.js';

/** A paid request is sent again only where the server says that it has started nothing. What could not be sent is told at once. */
export function submitPolicy(job: Job, { stopped, refused }: OperationContext): RetryPolicy {
  // A refusal of the background concerns the requests that run there.
  const wakes = job.backend.cancelable ? [stopped, refused] : [stopped];
  return {
    retries: 4,
    firstDelayMs: 500,
    maxDelayMs: 8_000,
    maxRetryAfterMs: 30_000,
    wakes,
    shouldRetry: (failure) => isBusy(failure) && !wakes.some(({ aborted }) => aborted) && job.end === undefined,
  };
}

/** Refused connections, 429 and 503. Anything else after the request was sent may have started a job. */
export function isProvablyNotStarted(failure: CallFailure): boolean {
  return failure.neverSent || isBusy(failure);
}

function isBusy({ status }: CallFailure): boolean {
  return status === 429 || status === 503;
}

/** A 408 or 499 may come from a proxy that had passed the request on; other 5xx, 2xx and 3xx prove nothing either. */
function isRefusal({ status }: CallFailure): boolean {
  if (status === 501) return true;
  return status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 499;
}

/** The request may have been carried out: nobody can tell. */
export function isAmbiguous(failure: CallFailure): boolean {
  return !isProvablyNotStarted(failure) && !isRefusal(failure);
}

/** Returns the end of a job whose request failed. */
export function endOfFailure(job: Job, failure: CallFailure): JobEnd {
  const { backend } = job;
  const cause = withoutSecrets(failure.error, backend);
  if (isAmbiguous(failure)) return unknownEnd(job, cause);
  return { kind: 'not-started', failure: (jobs) => rejection(failure, cause, backend, jobs) };
}

function rejection(failure: CallFailure, cause: RemoteError, backend: Backend, jobs: readonly JobReference[]): Error {
  if (isBackgroundRefusal(backend, failure)) {
    return backgroundRefused(backend.model, cause, jobs);
  }
  if (failure.neverSent) {
    const message = `The request could not be sent, so nothing was started: ${cause.message}`;
    return new NotStartedError('NOT_SENT', message, { cause, jobs });
  }
  const message = `The server refused the request, so nothing was started: ${cause.message}${backend.hint(cause.status)}`;
  return new NotStartedError('REJECTED', message, { cause, jobs });
}

/** The request may have been carried out, and nobody can tell. */
export function unknownEnd({ backend, displayName }: Job, cause: RemoteError): JobEnd {
  const message = `The response to the request that makes an image was lost (${cause.message}). ${backend.lostHint(displayName)}`;
  return { kind: 'unknown', failure: (jobs) => new MayBeRunningError('RESPONSE_LOST', message, { cause, jobs }) };
}

/** A 400 that names `background`, or a collection that does not exist. Nothing else means that it cannot be done. */
export function isBackgroundRefusal(backend: Backend, { status, error }: CallFailure): boolean {
  if (backend.name !== 'interactions') return false;
  if (status === 400) return /\bbackground\b/i.test(error.message);
  return status === 404 || status === 405 || status === 501;
}

/** Servers may quote what they refuse. */
function withoutSecrets(error: RemoteError, backend: Backend): RemoteError {
  const message = backend.redact(error.message);
  return message === error.message ? error : new RemoteError(message, error);
}
