import { GenaiCancelError, type ErrorDetails } from './base-error.js';

/**
 * Why the end of a job is unknown:
 *
 * - `RESPONSE_LOST`: the request was sent, and its response was lost. The library does not send it again.
 * - `WATCH_LOST`: no status could be read for `limits.watchMs`. The job was not cancelled.
 * - `TAKEN_OVER`: another process has claimed the operation from the journal, and delivers its images.
 */
export type MayBeRunningCode = 'RESPONSE_LOST' | 'WATCH_LOST' | 'TAKEN_OVER';

/** **Something may be running and being paid for.** `jobs` has its name, or the display name to look for. */
export class MayBeRunningError extends GenaiCancelError {
  override readonly name = 'MayBeRunningError';
  override readonly code: MayBeRunningCode;

  constructor(code: MayBeRunningCode, message: string, details?: ErrorDetails) {
    super(message, details);
    this.code = code;
  }
}
