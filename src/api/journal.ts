import { optional } from '../util/expected.js';

/**
 * A store of the operations in flight: their jobs are found again after a crash, on this machine or on another. The library
 * has `memoryJournal()`, `fileJournal()` (`genai-cancel/file-journal`), `redisJournal()` and `postgresJournal()`. Another
 * store has these seven methods. `journalChecks()` of `genai-cancel/testing` checks its contract.
 *
 * A journal keeps **entries**: a text under an id. Each has one **owner** at a time, the process whose operation it is, with
 * a **lease** that its owner renews, and a **fence**, a number that grows by one with each change of owner. An entry whose
 * owner is gone, has released it, or has let the lease run out is an **orphan**: any process may claim it, and exactly one
 * gets it. The former owner is fenced out: its writes change nothing.
 *
 * Methods may reject when the store cannot be reached. What they did before that may or may not have happened.
 */
export interface Journal {
  /** How long an entry is its owner's without being renewed, in ms: it is renewed three times in that time. */
  readonly leaseMs: number;
  /** Puts in a new entry with the fence 1, owned by us. Durable when it resolves. Rejects if there is one with this id. */
  add(id: string, text: string): Promise<JournalClaim>;
  /** Replaces the text and renews the lease, durably. `false`, and nothing is changed, if the entry is not ours any more. */
  write(claim: JournalClaim, text: string): Promise<boolean>;
  /** Renews the lease. `false` if the entry is not ours any more. */
  renew(claim: JournalClaim): Promise<boolean>;
  /** Gives the entry up: it is an orphan from here on. `false` if it is not ours any more. */
  release(claim: JournalClaim): Promise<boolean>;
  /** Takes the entry out. `false`, and nothing is changed, if it is not ours any more. */
  remove(claim: JournalClaim): Promise<boolean>;
  /** Returns all entries of all owners, in any order. Entries that cannot be read are named and left alone. */
  list(): Promise<JournalListing>;
  /** Takes an entry in one step: only an orphan that still has the listed fence. It gets the next one. `undefined` if not. */
  claim(entry: JournalEntry): Promise<JournalClaim | undefined>;
}

/** The claim to an entry: it is ours, as long as no other process has claimed it. */
export interface JournalClaim {
  readonly id: string;
  readonly fence: number;
}

/** An entry as it stood when it was listed. */
export interface JournalEntry extends JournalClaim {
  readonly text: string;
  /** The name of its owner, for people: `pid 4711 on build-7`. `undefined` if it was released. */
  readonly owner?: string;
  /** Whether it could be claimed at that moment. */
  readonly isOrphan: boolean;
  /** When it was last written or renewed, in ms since the epoch. */
  readonly renewedAt: number;
}

/** The contents of a journal. */
export interface JournalListing {
  readonly entries: readonly JournalEntry[];
  readonly unreadable: readonly UnreadableEntry[];
}

/** Something in the place of an entry that is none, or none any more. */
export interface UnreadableEntry {
  /** Its place: the path of a file, a key, an id. */
  readonly place: string;
  /** The fault in it. */
  readonly problem: string;
}

const methods = ['add', 'write', 'renew', 'release', 'remove', 'list', 'claim'] as const;

const what = `a Journal, with leaseMs, ${methods.map((method) => `${method}()`).join(', ')}`;

/** Throws unless the value is left out, `false`, or has the methods of a `Journal`. */
export const expectJournal = optional(what, (value) => {
  const journal = Object(value) as Record<string, unknown>;
  const isComplete = methods.every((method) => typeof journal[method] === 'function');
  return value === false || (isComplete && typeof journal['leaseMs'] === 'number' && journal['leaseMs'] > 0);
});
