import { differenceOf, type JobReference, type OperationSnapshot, type ServerReference } from '../api/snapshot.js';
import type { Timers } from '../util/timers.js';
import type { CancelReport } from '../api/report.js';
import type { Journal, JournalClaim } from '../api/journal.js';
import { readEntries } from './read.js';
import { inDoubtOf, isReachable, recordText, type JournalRecord } from './record.js';

/** An entry that is ours, and the record in it. */
export interface JoinedEntry {
  readonly claim: JournalClaim;
  readonly record?: JournalRecord;
  /** Its record stays until this resolves: the caller has not received the operation yet. */
  readonly handedOver?: Promise<undefined>;
}

/**
 * Takes over the entry of an operation that somebody attaches to, by its id or by the names of its jobs. `owned`: another
 * process has it and lives. `none`: it is in no entry, or in that of another operation with more jobs than these. `more`: its
 * entry knows of jobs that the snapshot came too early for; it is left to `recover()`.
 */
export async function joinEntry(
  journal: Journal,
  { id, server, jobs }: Pick<OperationSnapshot, 'id' | 'server' | 'jobs'>,
): Promise<JoinedEntry | 'owned' | 'none' | 'more'> {
  const { operations } = await readEntries(journal);
  const isOurs = ({ name }: JobReference): boolean => name !== undefined && jobs.some((own) => own.name === name);
  const found = operations.find(({ record }) => {
    // Elsewhere a name is that of another job.
    return record.id === id || (record.jobs.some(isOurs) && differenceOf(record.server, server) === undefined);
  });
  if (found === undefined) return 'none';
  const { isOrphan, record } = found;
  if (!isOrphan) return 'owned';
  if (record.id !== id && !record.jobs.every(isOurs)) return 'none';
  if (record.jobs.some((job) => isLeft(job) && !isOurs(job) && !isKnown(job, jobs))) return 'more';
  const claim = await journal.claim(found);
  return claim === undefined ? 'owned' : { claim, record };
}

/** Tells whether it may run, or be found again. */
function isLeft(job: JobReference): boolean {
  return isReachable(job) || inDoubtOf([job]).length > 0;
}

/** Finds a job without a name by its place, unless that was empty when the snapshot was taken. */
function isKnown({ name, index }: JobReference, jobs: readonly JobReference[]): boolean {
  return name === undefined && jobs.some((own) => own.index === index && own.state !== 'not-started');
}

const RECORD_TIMEOUT_MS = 2_000;

/** Records ends in entries that nobody owns, and removes those with nothing left to do. Never rejects. */
export async function recordEnds(
  journal: Journal | undefined,
  server: ServerReference,
  { jobs, counts, response }: Pick<CancelReport, 'jobs'> & Partial<CancelReport>,
  timers: Timers,
): Promise<void> {
  // An image that could not be fetched needs its record.
  const isFetched = counts === undefined || counts.made <= (response?.generatedImages.length ?? 0);
  if (journal === undefined || !isFetched) return;
  await timers.within(removeEnded(journal, server, jobs), RECORD_TIMEOUT_MS).catch(() => undefined);
}

async function removeEnded(journal: Journal, server: ServerReference, cancelled: CancelReport['jobs']): Promise<void> {
  const confirmed = cancelled.filter(({ name, confirmedAt }) => name !== undefined && confirmedAt !== undefined);
  const ended = new Map(confirmed.map((job) => [job.name, job]));
  const { operations } = await readEntries(journal);
  for (const entry of operations) {
    const { record, isOrphan } = entry;
    if (!isOrphan || differenceOf(record.server, server) !== undefined) continue;
    const claim = record.jobs.some(({ name }) => ended.has(name)) && (await journal.claim(entry));
    if (!claim) continue;
    const jobs = record.jobs.map((job) => ({ ...job, state: ended.get(job.name)?.state ?? job.state }));
    if (jobs.every((job) => ended.has(job.name) || !isLeft(job))) await journal.remove(claim);
    else if (await journal.write(claim, recordText({ ...record, jobs }))) await journal.release(claim);
  }
}
