import { join } from 'node:path';
import envPaths from 'env-paths';

/**
 * Where `fileJournal()` keeps its files unless told otherwise: an absolute path, whether there is a folder or not.
 *
 * - Linux and other Unixes: `$XDG_STATE_HOME/genai-cancel/journal`, by default in `~/.local/state`
 * - macOS: `~/Library/Application Support/genai-cancel/journal`
 * - Windows: `%LOCALAPPDATA%\genai-cancel\Data\journal`
 */
export function defaultJournalFolder(): string {
  const { data, log } = envPaths('genai-cancel', { suffix: '' });
  // What env-paths calls `log` is the XDG folder for state on Unixes, and only there.
  const isXdg = process.platform !== 'darwin' && process.platform !== 'win32';
  return join(isXdg ? log : data, 'journal');
}
