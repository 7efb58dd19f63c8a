import { GenaiCancelError } from './base-error.js';

/** `requireCancelable` was asked for, and what was chosen cannot be cancelled on the server. Nothing was sent. */
export class NotCancelableError extends GenaiCancelError {
  override readonly name = 'NotCancelableError';
  override readonly code = 'ERR_NOT_CANCELABLE';
  readonly model: string;

  constructor(model: string, why: string) {
    super(
      `${model} cannot be cancelled here: ${why}. Use a model that runs as a background interaction, ` +
        'or leave `requireCancelable` out and accept that what was started runs to its end.',
    );
    this.model = model;
  }
}
