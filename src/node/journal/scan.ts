import type { Stats } from 'node:fs';
import { join } from 'node:path';
import type { UnreadableEntry } from '../../journal/journal.js';
import { parseEntryFile, type EntryName } from './entry-name.js';
import { codeOf, isTemporary, lookIfThere, removeIfThere, type Files } from './files.js';

/** A file that has the name of an entry. */
export interface EntryFile extends EntryName {
  readonly path: string;
  readonly stats: Stats;
}

/** How old a temporary file is that no living process can be writing any more, in ms. */
const LEFT_BEHIND_MS = 3_600_000;

/** When a file was last written or renewed, in whole ms since the epoch. */
export function renewedAt({ mtimeMs }: Stats): number {
  return Math.floor(mtimeMs);
}

/** The files of one entry, the one that counts first: normally there is one, and none if there is no such entry. */
export function filesOf(files: Files, folder: string, id: string): EntryFile[] {
  return namesIn(files, folder)
    .filter((file) => file.startsWith(`${id}.`))
    .map((file) => entryFileAt(files, folder, file))
    .filter((found): found is EntryFile => found !== undefined && !('problem' in found))
    .sort(byFence);
}

/** All that is in the folder: the file that counts of each entry, and what counts for nothing. */
export function scanFolder(files: Files, folder: string): { entries: EntryFile[]; unreadable: UnreadableEntry[] } {
  const unreadable: UnreadableEntry[] = [];
  const entries = new Map<string, EntryFile>();
  const found: EntryFile[] = [];
  for (const file of namesIn(files, folder)) {
    // Other systems leave hidden files of their own.
    if (file.startsWith('.')) takeAwayIfLeftBehind(files, folder, file);
    else {
      const thing = entryFileAt(files, folder, file);
      if (thing !== undefined && 'problem' in thing) unreadable.push(thing);
      else if (thing !== undefined) found.push(thing);
    }
  }
  for (const file of found.sort(byFence)) {
    const counting = entries.get(file.id);
    if (counting === undefined) entries.set(file.id, file);
    else unreadable.push({ place: file.path, problem: `Superseded by ${counting.file}.` });
  }
  return { entries: [...entries.values()], unreadable };
}

function namesIn(files: Files, folder: string): string[] {
  try {
    return files.readdirSync(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** `undefined` if it is gone since the folder was read: its owner has removed it, or somebody has claimed it. */
function entryFileAt(files: Files, folder: string, file: string): EntryFile | UnreadableEntry | undefined {
  const path = join(folder, file);
  const name = parseEntryFile(file);
  if (name === undefined) return { place: path, problem: 'It does not have the name of an entry.' };
  const stats = lookIfThere(files, path);
  if (stats === undefined) return undefined;
  return stats.isFile() ? { ...name, path, stats } : { place: path, problem: 'It is not a regular file.' };
}

function takeAwayIfLeftBehind(files: Files, folder: string, file: string): void {
  if (!isTemporary(file)) return;
  const path = join(folder, file);
  try {
    const stats = lookIfThere(files, path);
    if (stats?.isFile() && stats.mtimeMs + LEFT_BEHIND_MS < Date.now()) removeIfThere(files, path);
  } catch {
    // Whoever may only read the folder leaves that to others.
  }
}

/** Two files with the same fence there can only be if somebody has copied one: then any will do, but for all the same. */
function byFence(one: EntryFile, other: EntryFile): number {
  return other.fence - one.fence || (one.file < other.file ? -1 : 1);
}
