import { GenaiCancelError, type ErrorDetails } from './base-error.js';

/**
 * How the server ended the operation:
 *
 * - `FAILED`: a job failed, ran into a limit, or was cancelled by somebody else.
 * - `RESULT_UNREADABLE`: images were made, and could not be read. `jobs[i].results` says where they are.
 */
export type OperationFailedCode = 'FAILED' | 'RESULT_UNREADABLE';

/** The server ended the operation, and there is no image. `jobs[i].lastStatus` has the server's own words. */
export class OperationFailedError extends GenaiCancelError {
  override readonly name = 'OperationFailedError';
  override readonly code: OperationFailedCode;

  constructor(code: OperationFailedCode, message: string, details?: ErrorDetails) {
    super(message, details);
    this.code = code;
  }
}
