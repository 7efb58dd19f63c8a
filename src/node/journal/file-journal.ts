import type { Journal } from '../../journal/journal.js';

/** Options of `fileJournal()`. */
export interface FileJournalOptions {
  /** Where the files are. @default the platform's folder for the state of programs */
  folder?: string | undefined;
}

/** A journal of files. */
export function fileJournal(options: FileJournalOptions = {}): Journal {
  throw new Error(`Not yet: ${String(options.folder)}`);
}
