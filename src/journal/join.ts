import { differenceOf, type JobReference, type OperationSnapshot, type ServerReference } from '../api/snapshot.js';
import type { Timers } from '../util/timers.js';
import type { CancelReport } from '../api/report.js';
import type { Journal, JournalClaim } from '../api/journal.js';
import { readEntries } from './read.js';
import { inDoubtOf, isReachable, recordText, type JournalRecord } from './record.js';

/** An entry that is ours, and what stood in it. */
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
  const found = operations.find(({ journaled }) => {
    const isNamed = journaled.record.jobs.some(isOurs) && isSameServer(journaled.record, server);
    return journaled.id === id || isNamed;
  });
  if (found === undefined) return 'none';
  const { entry, journaled } = found;
  if (!journaled.isOrphan) return 'owned';
  if (journaled.id !== id && !journaled.record.jobs.every(isOurs)) return 'none';
  if (journaled.record.jobs.some((job) => isLeft(job) && !isOurs(job) && !isKnown(job, jobs))) return 'more';
  const claim = await journal.claim(entry);
  return claim === undefined ? 'owned' : { claim, record: journaled.record };
}

/** Elsewhere a name is that of another job. */
function isSameServer(record: JournalRecord, server: ServerReference): boolean {
  return differenceOf(record.server, server) === undefined;
}

/** It may run, or be found again. */
function isLeft(job: JobReference): boolean {
  return isReachable(job) || inDoubtOf([job]).length > 0;
}

/** One without a name is told by its place, unless that was empty when the snapshot was taken. */
function isKnown({ name, index }: JobReference, jobs: readonly JobReference[]): boolean {
  return name === undefined && jobs.some((own) => own.index === index && own.state !== 'not-started');
}

/** Time that the ends wait for the journal. */
const RECORD_TIMEOUT_MS = 2_000;

/**
 * Records the ends of jobs in the entries that nobody owns, after a cancel by name or after a report: an entry with nothing left
 * to do leaves the journal. A journal that cannot be reached changes nothing about the cancel: this never rejects.
 */
export async function recordEnds(
  journal: Journal,
  server: ServerReference,
  report: Pick<CancelReport, 'jobs'>,
  timers: Timers,
): Promise<void> {
  await timers.within(removeEnded(journal, server, report.jobs), RECORD_TIMEOUT_MS).catch(() => undefined);
}

async function removeEnded(journal: Journal, server: ServerReference, cancelled: CancelReport['jobs']): Promise<void> {
  const ended = new Map(cancelled.flatMap((job) => (job.confirmedAt === undefined ? [] : [[job.name, job] as const])));
  const { operations } = await readEntries(journal);
  for (const { entry, journaled } of operations) {
    const { record, isOrphan } = journaled;
    if (!isOrphan || !isSameServer(record, server)) continue;
    if (!record.jobs.some(({ name }) => name !== undefined && ended.has(name))) continue;
    const claim = await journal.claim(entry);
    if (claim === undefined) continue;
    const jobs = record.jobs.map((job) => ({ ...job, state: ended.get(job.name)?.state ?? job.state }));
    const isOver = !jobs.some((job) => isReachable(job) && !ended.has(job.name)) && inDoubtOf(jobs).length === 0;
    if (isOver) await journal.remove(claim);
    else if (await journal.write(claim, recordText({ ...record, jobs }))) await journal.release(claim);
  }
}
