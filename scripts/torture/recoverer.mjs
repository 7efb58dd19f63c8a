/** A process that recovers what others have left behind, by one policy. It ends when all that it took has ended. */
import { writeSync } from 'node:fs';
import { openDiary, openLibrary } from './library.mjs';

/** Longer than any create is on its way. */
const LISTED_AFTER_MS = 8_000;

const given = JSON.parse(process.argv[2]);
const { policy, limit, timeoutMs, cancelTimeoutMs = 4_000 } = given;
const diary = openDiary(given);
const { images, journal, readJournal } = await openLibrary(given);
const claim = journal.claim.bind(journal);
journal.claim = tellingClaim;
const detached = new Set();

writeSync(1, 'ready\n');
if (given.forgets) await forgetDoubts();
try {
  const options = { policy, cancelTimeoutMs, ...(policy === 'attach' ? { timeoutMs } : {}) };
  const { operations } = await images.recover(limit === undefined ? options : { ...options, limit });
  await Promise.all(operations.map(watch));
  if (given.forgets) await forgetDoubts();
} catch (error) {
  diary.tell('unhandled', { message: String(error?.stack) });
}

/** Attached operations begin in a later turn; those that were cancelled have ended, and bring a report. */
async function watch({ id, operation, report }) {
  const jobs = diary.listen(operation, { isRecovered: true });
  diary.tell('recovered', { id, jobs: jobs(), isWrong: policy === 'cancel' && detached.has(id) });
  diary.deliverResponse(id, report?.response);
  const response = await operation.result().catch((error) => error.report?.response);
  diary.deliverResponse(id, response);
  // Of one that had ended before anybody listened there is no event.
  diary.tell('recovered', { id, jobs: jobs() });
}

/** What somebody has been told of, and nobody can do anything about: batches could turn up for a while. */
async function forgetDoubts() {
  const { operations } = await readJournal();
  for (const { id, record, inDoubt, isOrphan } of operations) {
    const isTold = record.reportedAt !== undefined && inDoubt.length === record.jobs.length;
    const isOld = record.backend !== 'batches' || Date.now() - record.startedAt > LISTED_AFTER_MS;
    if (!isOrphan || !isTold || !isOld) continue;
    diary.tell('forgot', { id, jobs: inDoubt.map(({ index, indices = [index] }) => ({ indices, isInDoubt: true })) });
    await images.forget(id);
  }
}

/** Says what it takes, so that two that take the same are found out. */
async function tellingClaim(entry) {
  const taken = await claim(entry);
  const { jobs, detachedAt } = JSON.parse(entry.text);
  if (taken !== undefined) diary.tell('claim', { ...taken, jobs });
  if (detachedAt !== undefined) detached.add(entry.id);
  return taken;
}
