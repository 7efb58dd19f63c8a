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

/** Reads the operations of all processes, oldest first, and changes nothing. Rejects as the store does. */
export async function readJournal(journal: Journal): Promise<JournalContents> {
  const { operations, unreadable } = await readEntries(journal);
  const withoutText = ({ id, record, owner, isOrphan, renewedAt, inDoubt }: ReadEntry): JournaledOperation => {
    return { id, record, ...(owner && { owner }), isOrphan, renewedAt, inDoubt };
  };
  return { operations: operations.map(withoutText), unreadable };
}

/** An entry to claim, with the operation in it. */
export type ReadEntry = JournalEntry & JournaledOperation;

/** Like `readJournal()`, with what it takes to claim. */
export async function readEntries(journal: Journal) {
  const listing = await journal.list();
  const operations: ReadEntry[] = [];
  const unreadable = [...listing.unreadable];
  for (const entry of listing.entries) {
    try {
      const record = parseRecord(entry.text);
      if (record.id !== entry.id) throw new TypeError(`It is the record of another operation: ${record.id}.`);
      operations.push({ ...entry, record, inDoubt: inDoubtOf(record.jobs) });
    } catch (error) {
      unreadable.push({ place: entry.id, problem: (error as Error).message });
    }
  }
  operations.sort((one, other) => one.record.startedAt - other.record.startedAt);
  return { operations, unreadable };
}
