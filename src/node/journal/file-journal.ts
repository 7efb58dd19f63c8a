import * as nodeFiles from 'node:fs';
import { join, resolve } from 'node:path';
import envPaths from 'env-paths';
import { expected, expectKnownNames, expectNumber } from '../../util/expected.js';
import type { Journal } from '../../api/journal.js';
import { DEFAULT_LEASE_MS } from '../../journal/store.js';
import { FolderJournal } from './folder-journal.js';
import { thisMachine } from './machine.js';

/** Options of `fileJournal()`. */
export interface FileJournalOptions {
  /**
   * The folder with the files, made at the first write. Several processes may share it, and several machines whose clocks
   * agree to much less than the lease. @default the folder `genai-cancel/journal` where the system keeps the state of programs
   */
  folder?: string | undefined;
  /**
   * How long an entry is its owner's without being renewed, in ms, where it cannot be seen whether the owner is alive: on
   * another machine, in another container, on macOS and Windows. @default 30000
   */
  leaseMs?: number | undefined;
}

/**
 * Makes a journal of files, one for each entry, that survives `kill -9` and power cuts. On Linux an entry is an orphan as
 * soon as its process has ended, and never before.
 *
 * Only the user may look into the folder and its files (modes 0700 and 0600). Methods reject with the error of `node:fs`
 * when the disk fails, and with a `TypeError` for an id that does not match `/^[0-9a-z-]{1,64}$/`.
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

/**
 * Finds the folder of `fileJournal()` where none is given:
 *
 * - Linux and other Unixes: `$XDG_STATE_HOME/genai-cancel/journal`, by default in `~/.local/state`
 * - macOS: `~/Library/Application Support/genai-cancel/journal`
 * - Windows: `%LOCALAPPDATA%\genai-cancel\Data\journal`
 */
export function defaultJournalFolder(): string {
  const { data, log } = envPaths('genai-cancel', { suffix: '' });
  // env-paths calls the XDG folder for state `log`, on Unixes only.
  const isXdg = process.platform !== 'darwin' && process.platform !== 'win32';
  return join(isXdg ? log : data, 'journal');
}
