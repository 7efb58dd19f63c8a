import { GenaiCancelError } from './base-error.js';

/** The server ended a job without an image and without our asking: it failed, ran into a limit, or was cancelled by someone else. */
export class OperationFailedError extends GenaiCancelError {
  override readonly name = 'OperationFailedError';
  override readonly code = 'ERR_OPERATION_FAILED';
  /** The job's last status in the server's own words, such as `failed` or `budget_exceeded`. */
  readonly status: string;

  constructor(message: string, options: { status: string; jobs?: GenaiCancelError['jobs'] }) {
    super(message, options);
    this.status = options.status;
  }

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), status: this.status };
  }
}
