import { GenaiCancelError } from './base-error.js';

/** `start()` or `generateImages()` was called after `close()`. Nothing was sent. */
export class ClientClosedError extends GenaiCancelError {
  override readonly name = 'ClientClosedError';
  override readonly code = 'ERR_CLIENT_CLOSED';
}
