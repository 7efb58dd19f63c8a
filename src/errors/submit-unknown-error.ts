import { GenaiCancelError } from './base-error.js';
import type { RemoteError } from './remote-error.js';

/**
 * The request to start a job was sent, and its answer was lost. **A job may be running and being paid for**, and its name
 * is not known. The request is not sent again: interactions have neither a list nor an idempotency key, so a second one
 * could mean paying twice.
 */
export class SubmitUnknownError extends GenaiCancelError {
  override readonly name = 'SubmitUnknownError';
  override readonly code = 'ERR_SUBMIT_UNKNOWN';

  constructor(isJob: boolean, options: { cause: RemoteError; jobs?: GenaiCancelError['jobs'] }) {
    const consequence = isJob
      ? 'A job may be running and being paid for; its name is not known, and interactions cannot be listed, so it can be neither watched nor cancelled from here.'
      : 'It may have been carried out and be charged; what it made cannot be fetched.';
    super(`The answer to the request that makes an image was lost (${options.cause.message}). ${consequence}`, options);
  }
}
