import { expected, expectKnownNames, expectNumber } from '../util/expected.js';
import type { JournalEntry, JournalListing, UnreadableEntry } from '../api/journal.js';

/** Long enough for a process that is busy, short enough for a process that waits to take its jobs over. */
export const DEFAULT_LEASE_MS = 30_000;

/** Options of all stores for several machines. */
export interface StoreOptions {
  /** How long an entry is its owner's without being renewed, in ms on the clock of the server. @default 30000 */
  leaseMs?: number | undefined;
  /** Who we are, for people who read a listing, such as `${hostname()}:${process.pid}`. Ownership does not depend on it. @default a random token */
  owner?: string | undefined;
}

/** Checks the options of a store, except for the value of `place`. */
export function expectStoreOptions(options: StoreOptions, place: string): void {
  expectKnownNames('options', options, [place, 'leaseMs', 'owner']);
  const { leaseMs, owner }: { leaseMs?: unknown; owner?: unknown } = options;
  expectNumber('leaseMs', leaseMs, 1);
  if (owner !== undefined && (typeof owner !== 'string' || owner === '')) {
    throw new TypeError(expected('owner', 'a text that is not empty', owner));
  }
}

/** Tells entries from what cannot be read. */
export function listingOf(found: readonly (JournalEntry | UnreadableEntry)[]): JournalListing {
  return {
    entries: found.filter((entry) => 'id' in entry),
    unreadable: found.filter((entry) => 'place' in entry),
  };
}
