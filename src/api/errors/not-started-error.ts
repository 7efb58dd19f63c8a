import { GenaiCancelError, type ErrorDetails } from './base-error.js';

/**
 * Why nothing was started:
 *
 * - `NOT_SENT`: the request never left the process, for example because the connection was refused.
 * - `REJECTED`: the server refused the request. Its answer is the `cause`, a `RemoteError`.
 * - `NOT_CANCELABLE`: `requireCancelable` was given, and the server cannot cancel this.
 * - `MODEL_RETIRED`: Google has shut the model down. The message names the replacement.
 * - `JOURNAL_FAILED`: the journal could not be written before the request.
 * - `CLIENT_CLOSED`: `close()` was called before.
 */
export type NotStartedCode =
  'NOT_SENT' | 'REJECTED' | 'NOT_CANCELABLE' | 'MODEL_RETIRED' | 'JOURNAL_FAILED' | 'CLIENT_CLOSED';

/** Nothing was started: nothing runs, and nothing has to be paid. */
export class NotStartedError extends GenaiCancelError {
  override readonly name = 'NotStartedError';
  override readonly code: NotStartedCode;

  constructor(code: NotStartedCode, message: string, details?: ErrorDetails) {
    super(message, details);
    this.code = code;
  }
}
