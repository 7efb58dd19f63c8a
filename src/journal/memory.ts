import { systemClock, type Clock } from '../util/clock.js';
import { expectClock, expectKnownNames } from '../util/expected.js';
import type { Journal } from '../api/journal.js';
import { DEFAULT_LEASE_MS, journalOf } from './store.js';

const OWNER = 'this process';

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
  expectClock('clock', options.clock);
  const { leaseMs = DEFAULT_LEASE_MS, clock = systemClock, entries = new Map<string, MemoryJournalEntry>() } = options;
  const isOrphan = ({ released, leaseEndsAt }: MemoryJournalEntry): boolean => released || leaseEndsAt <= clock.now();
  const put = (id: string, fence: number, text: string, released = false): number => {
    const renewedAt = clock.now();
    entries.set(id, { text, fence, renewedAt, leaseEndsAt: renewedAt + leaseMs, released });
    return fence;
  };
  return journalOf(
    {
      async change(change, id, ...values) {
        const entry = entries.get(id);
        if (change === 'add') return entry === undefined ? put(id, 1, String(values[0])) : 0;
        if (entry === undefined || entry.fence !== values[0]) return 0;
        if (change === 'claim') return isOrphan(entry) ? put(id, entry.fence + 1, entry.text) : 0;
        if (entry.released) return 0;
        if (change === 'remove') return Number(entries.delete(id));
        return put(id, entry.fence, change === 'write' ? String(values[2]) : entry.text, change === 'release');
      },
      async read() {
        return [...entries].map(([id, entry]) => {
          const { fence, text, renewedAt, released } = entry;
          return { id, fence, text, ...(!released && { owner: OWNER }), isOrphan: isOrphan(entry), renewedAt };
        });
      },
    },
    { leaseMs, owner: OWNER },
    'entries',
  );
}
