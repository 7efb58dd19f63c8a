// Whether an earlier attempt at a job has left something on the server, so that nothing is made and paid for twice.
import { DelayedError } from 'bullmq';
import { readJournal } from 'genai-cancel';
import { journal, leaseMs } from './images.mjs';

/** What to attach to; `undefined` if nothing was ever sent, or what was sent has failed for good. */
export async function earlierAttempt(job, token) {
  if (job.attemptsStarted === 1) return undefined;
  // In the journal before the create is sent; in the job's data when all names are known, and after the end.
  const { operations } = await readJournal(journal);
  const found = operations.find(({ record }) => record.tag === job.id);
  if (found === undefined || found.isOrphan) return job.data.snapshot ?? found?.record;
  // Its worker may live, and only its lock was lost: not before the lease has run out is it somebody else's turn.
  await job.moveToDelayed(Date.now() + leaseMs / 2, token);
  throw new DelayedError();
}
