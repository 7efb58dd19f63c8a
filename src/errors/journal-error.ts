import { GenaiCancelError } from './base-error.js';

/**
 * The journal could not be written, or was asked for something that it does not have. Where it concerns a start, nothing was
 * sent: a job that is not written down would be lost with the process. `cause` is what the store said.
 */
export class JournalError extends GenaiCancelError {
  override readonly name = 'JournalError';
  override readonly code = 'ERR_JOURNAL';
}
