import type { Journal, JournalClaim, JournalEntry, UnreadableEntry } from '../api/journal.js';
import { expectKnownNames, expectMatch, expectNumber } from '../util/expected.js';
import { createToken } from '../util/token.js';

/** Long enough for a process that is busy, short enough for a process that waits to take its jobs over. */
export const DEFAULT_LEASE_MS = 30_000;

/** Options of all stores for several machines. */
export interface StoreOptions {
  /** How long an entry is its owner's without being renewed, in ms on the clock of the server. @default 30000 */
  leaseMs?: number | undefined;
  /** Our name, for people who read a listing, such as `${hostname()}:${process.pid}`. Ownership does not depend on it. @default a random token */
  owner?: string | undefined;
}

/**
 * The methods of a journal that change one entry, each in one step. Their values: `add` id, text, owner, leaseMs; `claim` id,
 * fence, owner, leaseMs; `write` id, fence, leaseMs, text; `renew` id, fence, leaseMs; `release` and `remove` id, fence.
 */
export type Change = 'add' | 'write' | 'renew' | 'release' | 'remove' | 'claim';

/** A store for several machines: the parts in which they differ. */
export interface Store {
  /** Makes a change. Resolves to the fence of the entry, or another positive number; to 0 if it changed nothing. */
  readonly change: (change: Change, id: string, ...values: (string | number)[]) => Promise<number>;
  /** Reads all entries, and what cannot be read. */
  readonly read: () => Promise<Iterable<JournalEntry | UnreadableEntry>>;
}

/** Makes a journal of a store. Throws for options that are wrong, except for the value of `place`. */
export function journalOf({ change, read }: Store, options: StoreOptions, place: string): Journal {
  expectKnownNames('options', options, [place, 'leaseMs', 'owner']);
  expectNumber('leaseMs', options.leaseMs, 1);
  const { leaseMs = DEFAULT_LEASE_MS, owner = createToken() } = options;
  expectMatch('owner', owner, /./s, 'a text that is not empty');
  const changeOurs = async (kind: Change, { id, fence }: JournalClaim, ...values: (string | number)[]) =>
    (await change(kind, id, fence, ...values)) !== 0;
  return {
    leaseMs,
    async add(id, text) {
      const fence = await change('add', id, text, owner, leaseMs);
      if (fence === 0) throw new Error(`There is an entry ${id} already.`);
      return { id, fence };
    },
    write: (claim, text) => changeOurs('write', claim, leaseMs, text),
    renew: (claim) => changeOurs('renew', claim, leaseMs),
    release: (claim) => changeOurs('release', claim),
    remove: (claim) => changeOurs('remove', claim),
    async list() {
      const found = [...(await read())];
      return { entries: found.filter((one) => 'id' in one), unreadable: found.filter((one) => 'place' in one) };
    },
    async claim({ id, fence }) {
      const next = await change('claim', id, fence, owner, leaseMs);
      return next === 0 ? undefined : { id, fence: next };
    },
  };
}
