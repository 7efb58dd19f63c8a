import { MayBeRunningError } from '../api/errors.js';
import type { JobEnd } from './job/job.js';

/** End of a job here whose operation another process has claimed. */
export const takenOverEnd: JobEnd = {
  kind: 'unknown',
  failure: (jobs) => {
    const message = 'Another process has taken the operation over: it delivers the images.';
    return new MayBeRunningError('TAKEN_OVER', message, { jobs });
  },
};
