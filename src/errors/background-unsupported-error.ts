import { GenaiCancelError } from './base-error.js';
import type { RemoteError } from './remote-error.js';

/**
 * The model or the host does not run interactions in the background, so that there would be no job to cancel. Nothing was
 * started.
 */
export class BackgroundUnsupportedError extends GenaiCancelError {
  override readonly name = 'BackgroundUnsupportedError';
  override readonly code = 'ERR_BACKGROUND_UNSUPPORTED';
  readonly model: string;

  constructor(model: string, options: { cause: RemoteError; jobs?: GenaiCancelError['jobs'] }) {
    super(
      `The server does not run ${model} in the background (${options.cause.message}), so it cannot be cancelled. ` +
        'Nothing was started. Use a model that runs in the background, or call the SDK directly and accept that what was started runs to its end.',
      options,
    );
    this.model = model;
  }
}
