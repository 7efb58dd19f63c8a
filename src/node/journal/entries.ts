import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { expected, expectMatch } from '../../util/expected.js';
import type { JournalEntry, JournalListing, UnreadableEntry } from '../../api/journal.js';
import { codeOf, type Folder } from './folder.js';
import { describeOwner, formatOwner, isOrphan, parseOwner, type Machine, type Owner } from './machine.js';

/** A file of an entry. A new text has its `bytes` here: its file may get the name of the entry at any time. */
export type EntryFile = NonNullable<ReturnType<typeof parseEntryFile>> & {
  readonly stats: Stats;
  readonly bytes?: Buffer;
};

const RELEASED = 'free';
const ID = /^[0-9a-z-]{1,64}$/;
const FENCE = /^[1-9]\d{0,14}$/;
/** A new text on its way into the place of the old one, after the name of the entry: how many there were before, and its hash. */
const NEW = /^([1-9]\d{0,14})\.([0-9a-f]{12})\.tmp$/;
/** Names that a write that was cut off may have left. */
const TEMPORARY = /^\.[0-9a-z-]{1,64}\.(?:[0-9a-z.-]+\.)?[0-9a-f]{12}\.tmp$/;

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

/** Makes the name of a new text, which it has until it survives a power cut. A later text has a higher `version`. */
export const newFile = (file: string, version: number, bytes: Uint8Array): string =>
  `.${file.slice(0, -'json'.length)}${version}.${hashOf(bytes)}.tmp`;

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 12);

/** Parses the name `<id>.<fence>.<owner>.json`, or that of a new text for it. It has no owner if it was released. */
export function parseEntryFile(file: string) {
  const isNew = file.startsWith('.');
  const [id = '', fence = '', ownerText = '', ...rest] = (isNew ? file.slice(1) : file).split('.');
  const owner = parseOwner(ownerText);
  const isEntry = ID.test(id) && FENCE.test(fence) && (owner !== undefined || ownerText === RELEASED);
  const [, version = '0', hash] = NEW.exec(rest.join('.')) ?? [];
  if (!isEntry || (isNew ? hash === undefined : rest.join('.') !== 'json')) return undefined;
  return {
    file,
    entry: `${id}.${fence}.${ownerText}.json`,
    id,
    fence: Number(fence),
    owner,
    version: Number(version),
    hash,
  };
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
  return lookAt(
    folder,
    folder.names().filter((file) => idOf(file) === id),
  ).found;
}

/** Returns the id in the name of a file, whether or not it is the name of an entry. */
export const idOf = (file: string): string | undefined => file.split('.', 2)[file.startsWith('.') ? 1 : 0];

/** Lists all entries in the folder. Anything else is named and stays. */
export function listFolder(folder: Folder, machine: Machine): JournalListing {
  const names = folder.names();
  // Other systems leave hidden files of their own.
  const { found, unreadable } = lookAt(
    folder,
    names.filter((file) => !file.startsWith('.') || parseEntryFile(file)),
  );
  const whole = new Set(found.map(({ file }) => file));
  for (const file of names) if (TEMPORARY.test(file) && !whole.has(file)) removeIfLeftBehind(folder, file);
  const entries: JournalEntry[] = [];
  const current = new Map<string, EntryFile>();
  for (const file of found) {
    const superseding = current.get(file.id);
    current.set(file.id, superseding ?? file);
    // The text before a new one.
    if (superseding?.entry === file.entry) continue;
    const entry = superseding === undefined ? readEntry(folder, file, machine) : `Superseded by ${superseding.file}.`;
    if (typeof entry === 'string') unreadable.push({ place: folder.pathOf(file.file), problem: entry });
    else if (entry !== undefined) entries.push(entry);
  }
  return { entries, unreadable };
}

/**
 * Looks at files and sorts them, the highest fence first. One that was removed or claimed since the folder was read is left
 * out, and so is a new text that is not whole: it is being written, or was never said to be durable.
 */
function lookAt(folder: Folder, names: string[]) {
  const found: EntryFile[] = [];
  const unreadable: UnreadableEntry[] = [];
  for (const file of names) {
    const name = parseEntryFile(file);
    const stats = name && folder.look(file);
    const place = folder.pathOf(file);
    if (name === undefined) unreadable.push({ place, problem: 'It does not have the name of an entry.' });
    else if (stats?.isFile() === false) unreadable.push({ place, problem: 'It is not a regular file.' });
    else if (stats !== undefined && name.hash === undefined) found.push({ ...name, stats });
    else if (stats !== undefined) found.push(...wholeText(folder, name));
  }
  // Only a copy has the same fence: then all readers must choose the same file.
  const order = (one: EntryFile, other: EntryFile): number => (one.entry < other.entry ? -1 : 1);
  found.sort((one, other) => {
    if (one.entry === other.entry) return other.version - one.version;
    return other.fence - one.fence || order(one, other);
  });
  return { found, unreadable };
}

function wholeText(folder: Folder, name: NonNullable<ReturnType<typeof parseEntryFile>>): EntryFile[] {
  const read = folder.read(name.file);
  return read !== undefined && hashOf(read.bytes) === name.hash ? [{ ...name, ...read }] : [];
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
  const { file, id, fence, owner, stats, bytes } = entry;
  if (stats.size > MAX_BYTES) return `It has ${stats.size} bytes, more than any entry.`;
  try {
    const read = bytes === undefined ? folder.read(file) : { bytes, stats };
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
