import * as nodeFiles from 'node:fs';
import { resolve } from 'node:path';
import { expected, expectKnownNames, expectNumber } from '../../expected.js';
import type { Journal } from '../../journal/journal.js';
import { DEFAULT_LEASE_MS } from '../../journal/options.js';
import { defaultJournalFolder } from './folder.js';
import { FolderJournal } from './folder-journal.js';
import { thisMachine } from './machine.js';

/** Options of `fileJournal()`. */
export interface FileJournalOptions {
  /**
   * The folder with the files, made at the first write. Several processes may share it, and several machines whose clocks
   * agree to much less than the lease. @default `genai-cancel/journal` where the system keeps the state of programs
   */
  folder?: string | undefined;
  /**
   * How long an entry is its owner's without being renewed, in ms, where it cannot be seen whether the owner is alive: on
   * another machine, in another container, on macOS and Windows. @default 30000
   */
  leaseMs?: number | undefined;
}

/**
 * A journal of files, one for each entry, that survives `kill -9` and power cuts. On Linux an entry is an orphan as soon as
 * the process that has it is gone, and never as long as that lives.
 *
 * Folder and files are for the user's own eyes (modes 0700 and 0600). Methods reject with the error of `node:fs` when the
 * disk fails, and with a `TypeError` for an id that does not match `/^[0-9a-z-]{1,64}$/`.
 *
 * @throws {TypeError | RangeError} for bad options.
 */
export function fileJournal(options: FileJournalOptions = {}): Journal {
  expectKnownNames('options', options, ['folder', 'leaseMs']);
  expectNumber('leaseMs', options.leaseMs, 1);
  const { folder = defaultJournalFolder(), leaseMs = DEFAULT_LEASE_MS } = options;
  if (typeof folder !== 'string' || folder === '') {
    throw new TypeError(expected('folder', 'a path that is not empty', folder));
  }
  // Absolute from here on, so that a `process.chdir()` does not lead to another journal.
  return new FolderJournal({ folder: resolve(folder), leaseMs, machine: thisMachine(), files: nodeFiles });
}
