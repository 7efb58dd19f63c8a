import type { Backend } from '../../google/port.js';
import type { CallFailure } from '../../google/failures.js';
import type { ErrorDetails, RemoteError } from '../../api/errors.js';
import { MayBeRunningError, NotStartedError, OperationFailedError } from '../../api/errors.js';
import { KNOWN_MODELS } from '../../google/retired-models.js';
import type { Job } from './job.js';
import type { JobEnd } from './job-end.js';
import type { JobReference } from '../../api/snapshot.js';

export function endOfFailure(job: Job, failure: CallFailure): JobEnd {
  const { status = 0, isGoogles, error } = failure;
  // Google says that a request without a name has failed. A background job may still have been started.
  if (!job.backend.cancelable && isGoogles && status >= 500 && failure.kind === 'ambiguous') {
    const message = `The server has failed to make the image: ${error.message}`;
    return { kind: 'failed', failure: (jobs) => new OperationFailedError('FAILED', message, { cause: error, jobs }) };
  }
  if (failure.kind === 'ambiguous') return unknownEnd(job, error);
  return { kind: 'not-started', failure: (jobs) => rejection(failure, job.backend, jobs) };
}

function rejection(failure: CallFailure, backend: Backend, jobs: readonly JobReference[]): Error {
  const { kind, error: cause, advice, isGoogles } = failure;
  if (kind === 'background-refused')
    return notCancelable(backend.model, `${REFUSED} (${cause.message})`, { cause, jobs });
  if (kind === 'not-sent') {
    const message = `The request could not be sent, so nothing was started: ${cause.message}${spaced(advice)}`;
    return new NotStartedError('NOT_SENT', message, { cause, jobs });
  }
  // Of a create, Google's 404 is about the model.
  const help = cause.status === 404 && isGoogles ? KNOWN_MODELS : advice;
  const message = `The server refused the request, so nothing was started: ${cause.message}${backend.hint?.(cause.status) ?? ''}${spaced(help)}`;
  return new NotStartedError('REJECTED', message, { cause, jobs });
}

function spaced(text: string): string {
  return text === '' ? '' : ` ${text}`;
}

/** Reason why a model is not made by interactions. */
export const REFUSED = 'the server does not run it in the background';

export function notCancelable(model: string, why: string, details?: ErrorDetails): NotStartedError {
  const message = `${model} cannot be cancelled on the server: ${why}. Use \`backend: 'batches'\` (half the price, may take hours), or accept requests that cannot be cancelled: \`backend: 'models'\`.`;
  return new NotStartedError('NOT_CANCELABLE', message, details);
}

/** The request may have been carried out, and nobody can tell. */
export function unknownEnd({ backend, displayName }: Job, cause: RemoteError): JobEnd {
  const message = `The response to the request that makes an image was lost (${cause.message}). ${backend.lostHint(displayName)}`;
  return { kind: 'unknown', failure: (jobs) => new MayBeRunningError('RESPONSE_LOST', message, { cause, jobs }) };
}
