import { GenaiCancelError } from './base-error.js';
import type { RemoteError } from './remote-error.js';

/** The server refused the request, or it could not be sent at all: nothing was started, nothing is running. */
export class SubmitRejectedError extends GenaiCancelError {
  override readonly name = 'SubmitRejectedError';
  override readonly code = 'ERR_SUBMIT_REJECTED';
  /** HTTP status of the refusal; `undefined` if the request never left. */
  readonly status: number | undefined;

  constructor(message: string, options: { cause: RemoteError; jobs?: GenaiCancelError['jobs'] }) {
    super(message, options);
    this.status = options.cause.status;
  }

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), status: this.status };
  }
}
