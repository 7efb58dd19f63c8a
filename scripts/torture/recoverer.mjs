/** A process that recovers what others have left behind, by one policy. It ends when all that it took has ended. */
import { writeSync } from 'node:fs';
import { openDiary, openLibrary } from './library.mjs';

const given = JSON.parse(process.argv[2]);
const { policy, limit, timeoutMs, cancelTimeoutMs = 4_000 } = given;
const diary = openDiary(given);
const { images, journal, readJournal } = await openLibrary(given);
const claim = journal.claim.bind(journal);
journal.claim = tellingClaim;
const detached = new Set();

writeSync(1, 'ready\n');
try {
  const options = { policy, cancelTimeoutMs, ...(policy === 'attach' ? { timeoutMs } : {}) };
  const { operations, skipped } = await images.recover(limit === undefined ? options : { ...options, limit });
  await Promise.all(operations.map(watch));
  if (given.forgets) await forget(skipped.filter(({ reason }) => reason === 'in-doubt'));
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

/** Forgets what nobody can do anything about, once it was told. */
async function forget(doubts) {
  const { operations } = await readJournal();
  for (const { id, inDoubt } of operations.filter((one) => doubts.some(({ id }) => id === one.id))) {
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
