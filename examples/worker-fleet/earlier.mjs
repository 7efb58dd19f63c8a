// Looks for the jobs of an earlier attempt on the server, so that nothing is made and paid for twice.
import { DelayedError } from 'bullmq';
import { readJournal } from 'genai-cancel';
import { journal, leaseMs } from './images.mjs';

/** Returns the snapshot to attach to; `undefined` if nothing was sent, or if everything that was sent has failed. */
export async function earlierAttempt(job, token) {
  if (job.attemptsStarted === 1) return undefined;
  // The journal has the operation from before its create until its end. The job's data has it from its names on.
  const { operations } = await readJournal(journal);
  const found = operations.find(({ record }) => record.tag === job.id);
  if (found === undefined || found.isOrphan) return job.data.snapshot ?? found?.record;
  // Its worker may live, and may only have lost its lock. Wait until the lease has run out.
  await job.moveToDelayed(Date.now() + leaseMs / 2, token);
  throw new DelayedError();
}
