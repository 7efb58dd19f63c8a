import type { JournalEntry, UnreadableEntry } from '../../api/journal.js';

/** Some of the entries, and where the next ones begin: '0' after the last. */
export interface Page {
  readonly cursor: string;
  /** An id may come on two pages: the later one is newer. */
  readonly found: ReadonlyMap<string, JournalEntry | UnreadableEntry>;
}

const FIELDS_OF_AN_ENTRY = 3;

/** Whole numbers are numbers to most clients, and texts or bytes to some. */
export function readNumber(answer: unknown): number {
  const text = typeof answer === 'bigint' ? String(answer) : (readText(answer) ?? '');
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw notUnderstood('a whole number');
}

/** `leasesKey` is for the names of what cannot be read. */
export function readPage(answer: unknown, leasesKey: string): Page {
  if (!Array.isArray(answer) || (answer.length - 2) % FIELDS_OF_AN_ENTRY !== 0)
    throw notUnderstood('a page of entries');
  const cursor = readText(answer[0]);
  if (cursor === undefined || !/^\d+$/.test(cursor)) throw notUnderstood('a cursor');
  const now = readNumber(answer[1]);
  const found = new Map<string, JournalEntry | UnreadableEntry>();
  for (let index = 2; index < answer.length; index += FIELDS_OF_AN_ENTRY) {
    const [id, lease, text] = answer.slice(index, index + FIELDS_OF_AN_ENTRY).map(readText);
    if (id === undefined) throw notUnderstood('an id');
    found.set(id, readEntry(id, lease, text, now) ?? unreadable(`${leasesKey} ${id}`, text));
  }
  return { cursor, found };
}

function readEntry(id: string, lease = '', text: string | undefined, now: number): JournalEntry | undefined {
  const [, fence, renewedAt, leaseEndsAt, owner] = /^(\d+) (\d+) (\d+) (.*)$/s.exec(lease) ?? [];
  if (text === undefined || owner === undefined) return undefined;
  return {
    id,
    text,
    fence: Number(fence),
    ...(owner === '' ? {} : { owner }),
    isOrphan: owner === '' || Number(leaseEndsAt) <= now,
    renewedAt: Number(renewedAt),
  };
}

function unreadable(place: string, text: string | undefined): UnreadableEntry {
  return { place, problem: text === undefined ? 'It has no text.' : 'Its lease is not one that a journal wrote.' };
}

function readText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : undefined;
}

function notUnderstood(wanted: string): Error {
  return new Error(`Expected ${wanted} from Redis, got something else.`);
}
