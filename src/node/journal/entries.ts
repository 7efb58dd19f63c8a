import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { expected, expectMatch } from '../../util/expected.js';
import type { JournalEntry, JournalListing, UnreadableEntry } from '../../api/journal.js';
import { codeOf, type Folder } from './folder.js';
import { describeOwner, formatOwner, isOrphan, parseOwner, type Machine, type Owner } from './machine.js';

/** A file of an entry. */
export type EntryFile = NonNullable<ReturnType<typeof parseEntryFile>> & { readonly stats: Stats };

const RELEASED = 'free';
const ID = /^[0-9a-z-]{1,64}$/;
const FENCE = /^[1-9]\d{0,14}$/;
/** A text on its way to an entry: how many there were before, and a hash that tells a whole one from half of one. */
const NEW_TEXT = /^\.([^.]+\.[^.]+\.[^.]+)\.\d{9}\.([0-9a-f]{12})\.tmp$/;
/** Names that a write that was cut off may have left. */
const TEMPORARY = /^\.[0-9a-z-]{1,64}\.([^.]+\.[^.]+\.\d{9}\.)?[0-9a-f]{12}\.tmp$/;

/** The most bytes of a file. An entry never contains images: a larger file is not ours. */
const MAX_BYTES = 16 * 2 ** 20;

/** From this age no living process can still be writing a temporary file. */
const LEFT_BEHIND_MS = 3_600_000;

/** Makes the name of a file. Throws a `TypeError` for an id or a fence that must not get into it. */
export function entryFile(id: string, fence: number, owner?: Owner): string {
  expectId(id);
  if (!FENCE.test(String(fence))) throw new TypeError(expected('fence', 'a positive integer', fence));
  return `${id}.${fence}.${owner === undefined ? RELEASED : formatOwner(owner)}.json`;
}

/** Makes the name that a new text has until it survives a power cut. A later one has a higher `version`. */
export const newFile = (entry: string, version: number, bytes: Uint8Array): string =>
  `.${entry.slice(0, -'.json'.length)}.${String(version).padStart(9, '0')}.${hashOf(bytes)}.tmp`;

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 12);

/** Parses the name `<id>.<fence>.<owner>.json`. It has no owner if it was released. */
export function parseEntryFile(file: string) {
  const [id = '', fence = '', ownerText = '', ...rest] = file.split('.');
  const owner = parseOwner(ownerText);
  const isEntry = ID.test(id) && FENCE.test(fence) && (owner !== undefined || ownerText === RELEASED);
  return isEntry && rest.join('.') === 'json' ? { file, id, fence: Number(fence), owner } : undefined;
}

export const expectId = (id: unknown): string => expectMatch('id', id, ID, `a string that matches ${ID}`);

/** Encodes a text. Throws a `TypeError` or `RangeError` for one that could not be listed again. */
export function encodeText(text: unknown): Uint8Array {
  const bytes = Buffer.from(typeof text === 'string' ? text : '');
  if (bytes.length === 0) throw new TypeError(expected('text', 'a string that is not empty', text));
  if (bytes.length > MAX_BYTES) throw new RangeError(expected('text', `at most ${MAX_BYTES} bytes long`, text));
  return bytes;
}

/** Tells when a file was last written or renewed, in whole ms since the epoch. */
export const renewedAt = ({ mtimeMs }: Stats): number => Math.floor(mtimeMs);

/** Finds the files of one entry, the one that counts first. Normally there is one, or none if there is no such entry. */
export function filesOf(folder: Folder, id: string): EntryFile[] {
  const names = folder.names().filter((file) => file.startsWith(`${id}.`));
  return lookAt(folder, names).found;
}

/** Finds the whole texts that are on their way, with the files whose place they take, in this order. */
export function newTexts(folder: Folder): [file: string, entry: string][] {
  const names = folder.names().sort();
  return names.flatMap((file) => {
    const [, stem = '', hash] = NEW_TEXT.exec(file) ?? [];
    const { id = '', file: entry = '' } = parseEntryFile(`${stem}.json`) ?? {};
    // One that somebody else has got takes no text of its former owner.
    if (entry === '' || names.some((name) => name !== entry && name.startsWith(`${id}.`))) return [];
    const bytes = folder.read(file)?.bytes;
    return bytes !== undefined && hashOf(bytes) === hash ? [[file, entry]] : [];
  });
}

/** Lists all entries in the folder. Anything else is named and stays. */
export function listFolder(folder: Folder, machine: Machine): JournalListing {
  const names = folder.names();
  for (const file of names) if (TEMPORARY.test(file)) removeIfLeftBehind(folder, file);
  // Other systems leave hidden files of their own.
  const visible = names.filter((file) => !file.startsWith('.'));
  const { found, unreadable } = lookAt(folder, visible);
  const entries: JournalEntry[] = [];
  const current = new Map<string, string>();
  for (const file of found) {
    const superseding = current.get(file.id);
    current.set(file.id, superseding ?? file.file);
    const entry = superseding === undefined ? readEntry(folder, file, machine) : `Superseded by ${superseding}.`;
    if (typeof entry === 'string') unreadable.push({ place: folder.pathOf(file.file), problem: entry });
    else if (entry !== undefined) entries.push(entry);
  }
  return { entries, unreadable };
}

/** Looks at files and sorts them, the highest fence first. One that was removed or claimed since the folder was read is left out. */
function lookAt(folder: Folder, names: string[]) {
  const found: EntryFile[] = [];
  const unreadable: UnreadableEntry[] = [];
  for (const file of names) {
    const name = parseEntryFile(file);
    const stats = name && folder.look(file);
    const place = folder.pathOf(file);
    if (name === undefined) unreadable.push({ place, problem: 'It does not have the name of an entry.' });
    else if (stats?.isFile() === false) unreadable.push({ place, problem: 'It is not a regular file.' });
    else if (stats !== undefined) found.push({ ...name, stats });
  }
  // Only a copy has the same fence: then all readers must choose the same file.
  found.sort((one, other) => other.fence - one.fence || (one.file < other.file ? -1 : 1));
  return { found, unreadable };
}

function removeIfLeftBehind(folder: Folder, file: string): void {
  try {
    const stats = folder.look(file);
    if (stats?.isFile() && stats.mtimeMs + LEFT_BEHIND_MS < Date.now()) folder.remove(file);
  } catch {
    // A process that may only read the folder leaves that to others.
  }
}

/** Reads an entry, or says what is wrong with it. `undefined` if it is gone. */
function readEntry(folder: Folder, entry: EntryFile, machine: Machine): JournalEntry | string | undefined {
  const { file, id, fence, owner, stats } = entry;
  if (stats.size > MAX_BYTES) return `It has ${stats.size} bytes, more than any entry.`;
  try {
    const read = folder.read(file);
    if (read === undefined) return undefined;
    if (read.bytes.length === 0) return 'It is empty.';
    if (!isUtf8(read.bytes)) return 'It is not UTF-8.';
    const at = renewedAt(read.stats);
    const entry = { id, fence, text: read.bytes.toString(), isOrphan: isOrphan(owner, at, machine), renewedAt: at };
    return owner === undefined ? entry : { ...entry, owner: describeOwner(owner, machine) };
  } catch (error) {
    return `It cannot be read (${codeOf(error)}).`;
  }
}
