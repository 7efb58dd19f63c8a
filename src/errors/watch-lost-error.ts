import { GenaiCancelError } from './base-error.js';

/** No status could be read for `watchFailureMs`. The job was not cancelled and may be running: `jobs` has its name. */
export class WatchLostError extends GenaiCancelError {
  override readonly name = 'WatchLostError';
  override readonly code = 'ERR_WATCH_LOST';
}
