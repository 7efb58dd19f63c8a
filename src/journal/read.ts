import type { JobReference } from '../api/snapshot.js';
import type { Journal, JournalEntry, JournalListing } from '../api/journal.js';
import { inDoubtOf, parseRecord, type JournalRecord } from './record.js';

/** One operation as a journal has it. */
export interface JournaledOperation extends Pick<JournalEntry, 'id' | 'owner' | 'isOrphan' | 'renewedAt'> {
  readonly record: JournalRecord;
  /** Jobs that may have been started without their name ever having been received. */
  readonly inDoubt: readonly JobReference[];
}

/** Contents of a journal, and its entries that cannot be read. */
export interface JournalContents extends Pick<JournalListing, 'unreadable'> {
  readonly operations: readonly JournaledOperation[];
}

/**
 * Reads a journal without changing anything in it: the operations of all processes, oldest first. Needs no client. Rejects
 * with what the store rejects with.
 */
export async function readJournal(journal: Journal): Promise<JournalContents> {
  const { operations, unreadable } = await readEntries(journal);
  return { operations: operations.map(({ journaled }) => journaled), unreadable };
}

/** An operation, and the entry to claim it by. */
export interface ReadEntry {
  readonly entry: JournalEntry;
  readonly journaled: JournaledOperation;
}

/** Like `readJournal()`, with what it takes to claim. */
export async function readEntries(journal: Journal) {
  const listing = await journal.list();
  const operations: ReadEntry[] = [];
  const unreadable = [...listing.unreadable];
  for (const entry of listing.entries) {
    try {
      operations.push({ entry, journaled: journaledOf(entry) });
    } catch (error) {
      unreadable.push({ place: entry.id, problem: (error as Error).message });
    }
  }
  operations.sort((one, other) => one.journaled.record.startedAt - other.journaled.record.startedAt);
  return { operations, unreadable };
}

function journaledOf({ id, text, owner, isOrphan, renewedAt }: JournalEntry): JournaledOperation {
  const record = parseRecord(text);
  if (record.id !== id) throw new TypeError(`It is the record of another operation: ${record.id}.`);
  return { id, record, ...(owner && { owner }), isOrphan, renewedAt, inDoubt: inDoubtOf(record.jobs) };
}
