import { OperationTakenOverError } from '../errors/operation-taken-over-error.js';
import type { JobEnd } from './job.js';

/** How a job ends here whose operation another process has claimed. */
export const takenOverEnd: JobEnd = {
  kind: 'unknown',
  failure: (jobs) => {
    const message = 'Another process has taken the operation over: what it makes is delivered there.';
    return new OperationTakenOverError(message, { jobs });
  },
};
