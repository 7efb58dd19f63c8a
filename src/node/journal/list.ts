import type { JournalEntry, JournalListing, UnreadableEntry } from '../../journal/journal.js';
import { codeOf, readIfThere, type Files } from './files.js';
import type { Machine } from './machine.js';
import { describeOwner, isOrphan } from './orphan.js';
import { renewedAt, scanFolder, type EntryFile } from './scan.js';
import { decodeText, MAX_BYTES } from './text.js';

/** All entries in the folder. What is none is named and left alone. */
export function listFolder(files: Files, folder: string, machine: Machine): JournalListing {
  const entries: JournalEntry[] = [];
  const scanned = scanFolder(files, folder);
  const unreadable: UnreadableEntry[] = [...scanned.unreadable];
  for (const file of scanned.entries) {
    const read = readEntry(files, file, machine);
    if (typeof read === 'string') unreadable.push({ place: file.path, problem: read });
    else if (read !== undefined) entries.push(read);
  }
  return { entries, unreadable };
}

/** The entry, or what is wrong with it; `undefined` if it is gone. */
function readEntry(files: Files, file: EntryFile, machine: Machine): JournalEntry | string | undefined {
  if (file.stats.size > MAX_BYTES) return `It has ${file.stats.size} bytes, more than any entry.`;
  try {
    const read = readIfThere(files, file.path);
    if (read === undefined) return undefined;
    if (read.bytes.length === 0) return 'It is empty.';
    const text = decodeText(read.bytes);
    if (text === undefined) return 'It is not UTF-8.';
    return toEntry(file, text, renewedAt(read.stats), machine);
  } catch (error) {
    return `It cannot be read (${codeOf(error)}).`;
  }
}

function toEntry({ id, fence, owner }: EntryFile, text: string, renewed: number, machine: Machine): JournalEntry {
  return {
    id,
    fence,
    text,
    ...(owner && { owner: describeOwner(owner, machine) }),
    isOrphan: isOrphan(owner, renewed, machine),
    renewedAt: renewed,
  };
}
