import type { JobReference } from '../api/snapshot.js';
import type { Journal, JournalEntry, UnreadableEntry } from '../api/journal.js';
import { inDoubtOf, parseRecord, type JournalRecord } from './record.js';

/** One operation as a journal has it. */
export interface JournaledOperation {
  /** Of the entry: what `images.forget()` takes. */
  readonly id: string;
  readonly record: JournalRecord;
  /** Name of its owner, for people. */
  readonly owner?: string;
  /** Whether its owner is gone, so that it can be recovered. */
  readonly isOrphan: boolean;
  /** When its owner was last heard of, in ms since the epoch. */
  readonly renewedAt: number;
  /** Jobs that may have been started without their name ever having been received. */
  readonly inDoubt: readonly JobReference[];
}

/** Contents of a journal, and its entries that cannot be read. */
export interface JournalContents {
  readonly operations: readonly JournaledOperation[];
  readonly unreadable: readonly UnreadableEntry[];
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
export async function readEntries(
  journal: Journal,
): Promise<{ operations: readonly ReadEntry[]; unreadable: readonly UnreadableEntry[] }> {
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
  const inDoubt = inDoubtOf(record.jobs);
  return { id, record, ...(owner === undefined ? {} : { owner }), isOrphan, renewedAt, inDoubt };
}
