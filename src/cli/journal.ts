import type { Journal } from '../journal/journal.js';
import { readJournal, type JournaledOperation } from '../journal/read.js';
import { defaultJournalFolder, fileJournal } from '../node/journal/file-journal.js';
import type { JournalChoice } from './arguments/options.js';
import { CliFailure } from './failure.js';
import { harmless } from './view/paint.js';

/** A journal, and where it is. */
export interface OpenJournal {
  readonly journal: Journal;
  readonly folder: string;
}

/** Opens the journal in a folder, by default the user's. Nothing is read or written yet. */
export function openJournal(folder: string = defaultJournalFolder()): OpenJournal {
  return { journal: fileJournal({ folder }), folder };
}

/** What the library takes: a journal, or `false`. */
export function chosenJournal(choice: JournalChoice): Journal | false {
  return choice === false ? false : openJournal(choice).journal;
}

/** The operation with this id, or with the only one that begins so. Throws a `CliFailure` if there is none, or several. */
export async function findOperation({ journal, folder }: OpenJournal, id: string): Promise<JournaledOperation> {
  const { operations } = await readJournal(journal);
  return pick(operations, id, folder);
}

/** The entry with this id, or with the only one that begins so. Throws a `CliFailure` if there is none, or several. */
export function pick<Entry extends { readonly id: string }>(
  entries: readonly Entry[],
  id: string,
  folder: string,
): Entry {
  const exact = entries.find((entry) => entry.id === id);
  if (exact !== undefined) return exact;
  const [first, ...others] = entries.filter((entry) => entry.id.startsWith(id));
  if (first === undefined) {
    throw new CliFailure(`There is no operation ${id} in the journal ${harmless(folder)}. See: genai-cancel list`, 1);
  }
  if (others.length > 0) {
    throw new CliFailure(`${others.length + 1} operations have an id that begins with ${id}: give more of it.`, 1);
  }
  return first;
}
