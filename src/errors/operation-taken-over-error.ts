import { GenaiCancelError } from './base-error.js';

/**
 * Another process has claimed the operation from the journal, because this one had not been heard of for too long. It was
 * not cancelled from here: whoever has it now watches its jobs, delivers what they make, and can cancel them.
 */
export class OperationTakenOverError extends GenaiCancelError {
  override readonly name = 'OperationTakenOverError';
  override readonly code = 'ERR_TAKEN_OVER';
}
