import { GenaiCancelError } from './base-error.js';

/** `requireCancellable` was asked for, and what was chosen cannot be cancelled on the server. Nothing was sent. */
export class NotCancellableError extends GenaiCancelError {
  override readonly name = 'NotCancellableError';
  override readonly code = 'ERR_NOT_CANCELLABLE';
  readonly model: string;

  constructor(model: string, why: string) {
    super(
      `${model} cannot be cancelled here: ${why}. Use a model that runs as a background interaction, ` +
        'or leave `requireCancellable` out and accept that what was started runs to its end.',
    );
    this.model = model;
  }
}
