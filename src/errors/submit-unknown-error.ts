import { GenaiCancelError } from './base-error.js';
import type { RemoteError } from './remote-error.js';

/**
 * The request to start a job was sent, and its answer was lost. **A job may be running and being paid for**, and its name
 * is not known. The request is not sent again: interactions have neither a list nor an idempotency key, so a second one
 * could mean paying twice. Batches come to this only if their list cannot be read either.
 */
export class SubmitUnknownError extends GenaiCancelError {
  override readonly name = 'SubmitUnknownError';
  override readonly code = 'ERR_SUBMIT_UNKNOWN';

  /** `consequence` says what may have come of it. */
  constructor(consequence: string, options: { cause: RemoteError; jobs?: GenaiCancelError['jobs'] }) {
    super(`The answer to the request that makes an image was lost (${options.cause.message}). ${consequence}`, options);
  }
}
