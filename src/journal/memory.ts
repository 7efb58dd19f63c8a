import { systemClock, type Clock } from '../util/clock.js';
import { expectClock, expectKnownNames, expectNumber } from '../util/expected.js';
import type { Journal, JournalClaim } from '../api/journal.js';
import { DEFAULT_LEASE_MS } from './store.js';

/** Options of `memoryJournal()`. */
export interface MemoryJournalOptions {
  /** How long an entry is its owner's without being renewed, in ms. @default 30000 */
  leaseMs?: number | undefined;
  /** The source of the time. @default the runtime's own */
  clock?: Clock | undefined;
  /** The map that keeps the entries: journals that are given the same map are like processes that share a store. @default a new one */
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
 * Makes a journal in memory, for tests.
 *
 * @throws {TypeError | RangeError} for bad options.
 */
export function memoryJournal(options: MemoryJournalOptions = {}): Journal {
  expectKnownNames('options', options, ['leaseMs', 'clock', 'entries']);
  expectNumber('leaseMs', options.leaseMs, 1);
  expectClock('clock', options.clock);
  const { leaseMs = DEFAULT_LEASE_MS, clock = systemClock, entries = new Map<string, MemoryJournalEntry>() } = options;

  const put = ({ id, fence }: JournalClaim, text: string, released = false): JournalClaim => {
    const renewedAt = clock.now();
    entries.set(id, { text, fence, renewedAt, leaseEndsAt: renewedAt + leaseMs, released });
    return { id, fence };
  };
  const ours = ({ id, fence }: JournalClaim): MemoryJournalEntry | undefined => {
    const entry = entries.get(id);
    return entry?.fence === fence && !entry.released ? entry : undefined;
  };
  const change = async (claim: JournalClaim, text?: string, released?: boolean): Promise<boolean> => {
    const entry = ours(claim);
    if (entry !== undefined) put(claim, text ?? entry.text, released);
    return entry !== undefined;
  };
  const isOrphan = ({ released, leaseEndsAt }: MemoryJournalEntry): boolean => released || leaseEndsAt <= clock.now();

  return {
    leaseMs,
    async add(id, text) {
      if (entries.has(id)) throw new Error(`There is an entry ${id} already.`);
      return put({ id, fence: 1 }, text);
    },
    write: (claim, text) => change(claim, text),
    renew: (claim) => change(claim),
    release: (claim) => change(claim, undefined, true),
    remove: async (claim) => ours(claim) !== undefined && entries.delete(claim.id),
    async list() {
      const listed = [...entries].map(([id, entry]) => {
        const { fence, text, renewedAt, released } = entry;
        return { id, fence, text, ...(!released && { owner: 'this process' }), isOrphan: isOrphan(entry), renewedAt };
      });
      return { entries: listed, unreadable: [] };
    },
    async claim({ id, fence }) {
      const entry = entries.get(id);
      if (entry?.fence !== fence || !isOrphan(entry)) return undefined;
      return put({ id, fence: fence + 1 }, entry.text);
    },
  };
}
