import { systemClock, type Clock } from '../clock.js';
import { expectClock, expectKnownNames, expectNumber } from '../expected.js';
import type { Journal } from './journal.js';
import { DEFAULT_LEASE_MS } from './lease.js';

/** Options of `memoryJournal()`. */
export interface MemoryJournalOptions {
  /** How long an entry is its owner's without being renewed, in ms. @default 30000 */
  leaseMs?: number | undefined;
  /** Where the time comes from. @default the runtime's own */
  clock?: Clock | undefined;
  /** Where the entries are kept: journals that are given the same map are like processes that share a store. @default a new one */
  entries?: Map<string, MemoryJournalEntry> | undefined;
}

/** An entry of `memoryJournal()`. */
export interface MemoryJournalEntry {
  readonly text: string;
  readonly fence: number;
  /** In ms since the epoch. */
  readonly renewedAt: number;
  /** When others may claim it, in ms since the epoch. */
  readonly leaseEndsAt: number;
  readonly released: boolean;
}

/**
 * A journal in memory, for tests: it is gone with the process, and so are all records of what the process had started.
 *
 * @throws {TypeError | RangeError} for bad options.
 */
export function memoryJournal(options: MemoryJournalOptions = {}): Journal {
  expectKnownNames('options', options, ['leaseMs', 'clock', 'entries']);
  expectNumber('leaseMs', options.leaseMs, 1);
  expectClock('clock', options.clock);
  const { leaseMs = DEFAULT_LEASE_MS, clock = systemClock, entries = new Map<string, MemoryJournalEntry>() } = options;

  const put = (id: string, fence: number, text: string, released = false): void => {
    const renewedAt = clock.now();
    entries.set(id, { text, fence, renewedAt, leaseEndsAt: renewedAt + leaseMs, released });
  };
  const ours = ({ id, fence }: { id: string; fence: number }): MemoryJournalEntry | undefined => {
    const entry = entries.get(id);
    return entry?.fence === fence && !entry.released ? entry : undefined;
  };
  const isOrphan = ({ released, leaseEndsAt }: MemoryJournalEntry): boolean => released || leaseEndsAt <= clock.now();

  return {
    leaseMs,
    async add(id, text) {
      if (entries.has(id)) throw new Error(`There is an entry ${id} already.`);
      put(id, 1, text);
      return { id, fence: 1 };
    },
    async write(claim, text) {
      if (ours(claim) === undefined) return false;
      put(claim.id, claim.fence, text);
      return true;
    },
    async renew(claim) {
      const entry = ours(claim);
      if (entry === undefined) return false;
      put(claim.id, claim.fence, entry.text);
      return true;
    },
    async release(claim) {
      const entry = ours(claim);
      if (entry === undefined) return false;
      put(claim.id, claim.fence, entry.text, true);
      return true;
    },
    async remove(claim) {
      return ours(claim) !== undefined && entries.delete(claim.id);
    },
    async list() {
      const listed = [...entries].map(([id, entry]) => ({
        id,
        fence: entry.fence,
        text: entry.text,
        ...(entry.released ? {} : { owner: 'this process' }),
        isOrphan: isOrphan(entry),
        renewedAt: entry.renewedAt,
      }));
      return { entries: listed, unreadable: [] };
    },
    async claim({ id, fence }) {
      const entry = entries.get(id);
      if (entry?.fence !== fence || !isOrphan(entry)) return undefined;
      put(id, fence + 1, entry.text);
      return { id, fence: fence + 1 };
    },
  };
}
