import type { CancelableBackend, JobStatus } from '../backends/backend.js';
import type { OperationContext } from '../operation/context.js';
import type { Job } from '../operation/job.js';

const READ_TIMEOUT_MS = 15_000;

/**
 * Reads the status of a cancelled job once more, some time later: jobs of other providers have been seen to turn from
 * cancelled to completed. Resolves to the status if it did, else to `undefined`.
 */
export async function lookLater(
  job: Job,
  backend: CancelableBackend,
  afterMs: number,
  { timers, warn }: OperationContext,
): Promise<JobStatus | undefined> {
  const { id, name = '' } = job;
  await timers.sleep(afterMs);
  if (id === undefined) return undefined;
  try {
    const status = await timers.within(backend.read(id, READ_TIMEOUT_MS, job.indices), READ_TIMEOUT_MS);
    if (status.phase !== 'succeeded') return undefined;
    warn('cancel-reversed', `${name} was cancelled, said the server; now it says ${status.status}: it may be charged.`);
    return status;
  } catch {
    // Nothing was learnt; what the server said before stands.
    return undefined;
  }
}
