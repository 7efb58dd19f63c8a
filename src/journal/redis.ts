import { expected, expectKnownNames, expectNumber } from '../expected.js';
import { createToken } from '../operation/token.js';
import type { Journal, JournalClaim, JournalEntry, JournalListing, UnreadableEntry } from './journal.js';
import { DEFAULT_LEASE_MS } from './lease.js';
import { readNumber, readPage } from './redis/answers.js';
import { senderOf, type RedisClient } from './redis/client.js';
import { ADD, CLAIM, LIST, RELEASE, REMOVE, RENEW, WRITE } from './redis/scripts.js';

export type { RedisClient } from './redis/client.js';

/** Options of `redisJournal()`. */
export interface RedisJournalOptions {
  /** What the two keys begin with, `{prefix}:leases` and `{prefix}:texts`: who shares it shares the journal. @default 'genai-cancel' */
  prefix?: string | undefined;
  /** How long an entry is its owner's without being renewed, in ms on the clock of the server. @default 30000 */
  leaseMs?: number | undefined;
  /** Who we are, for people who read a listing, such as `${hostname()}:${process.pid}`. Ownership does not go by it. @default a random token */
  owner?: string | undefined;
}

/** So many entries are read at once: the server has no time for others meanwhile, which is about 1 ms with texts of 3 kB. */
const PAGE = '100';

/**
 * A journal for several machines, in a Redis (5 or newer), Valkey or the like, over a client that you have. Each method is
 * one Lua script, which takes effect as a whole or not at all; only `list()` takes one for every 100 entries or so, and may
 * miss entries that come or go meanwhile.
 *
 * Redis keeps what it answered as well as its own settings say: use `appendfsync always` where no crash may lose an
 * entry, and `maxmemory-policy noeviction`. A failover to a replica that is behind may bring back an earlier owner.
 * The methods wait for as long as the client does: `maxRetriesPerRequest: null` of ioredis is for ever.
 *
 * @example
 * ```ts
 * const journal = redisJournal(new Redis(process.env.REDIS_URL), { owner: `${hostname()}:${process.pid}` });
 * const images = cancelable(ai, { journal });
 * ```
 * @throws {TypeError | RangeError} for a bad client or bad options, before anything is sent.
 */
export function redisJournal(client: RedisClient, options: RedisJournalOptions = {}): Journal {
  const send = senderOf(client);
  expectOptions(options);
  const { prefix = 'genai-cancel', leaseMs = DEFAULT_LEASE_MS, owner = createToken() } = options;
  // The braces keep both keys in one slot of a cluster.
  const keys = [`{${prefix}}:leases`, `{${prefix}}:texts`] as const;

  // Clients that know commands by their names (ioredis, for the keys) know them in small letters.
  const run = (script: string, ...args: (string | number)[]): Promise<unknown> =>
    send('eval', script, String(keys.length), ...keys, ...args.map(String));
  const change = async (script: string, { id, fence }: JournalClaim, ...args: (string | number)[]): Promise<boolean> =>
    readNumber(await run(script, id, fence, ...args)) !== 0;

  return {
    leaseMs,
    async add(id, text) {
      const fence = readNumber(await run(ADD, id, text, owner, leaseMs));
      if (fence === 0) throw new Error(`There is an entry ${id} already.`);
      return { id, fence };
    },
    write: (claim, text) => change(WRITE, claim, leaseMs, text),
    renew: (claim) => change(RENEW, claim, leaseMs),
    release: (claim) => change(RELEASE, claim),
    remove: (claim) => change(REMOVE, claim),
    async list() {
      const found = new Map<string, JournalEntry | UnreadableEntry>();
      let cursor = '0';
      do {
        const page = readPage(await run(LIST, cursor, PAGE), keys[0]);
        for (const [id, entry] of page.found) found.set(id, entry);
        cursor = page.cursor;
      } while (cursor !== '0');
      return listing([...found.values()]);
    },
    async claim({ id, fence }) {
      const next = readNumber(await run(CLAIM, id, fence, owner, leaseMs));
      return next === 0 ? undefined : { id, fence: next };
    },
  };
}

function listing(found: readonly (JournalEntry | UnreadableEntry)[]): JournalListing {
  return {
    entries: found.filter((entry) => 'id' in entry),
    unreadable: found.filter((entry) => 'place' in entry),
  };
}

function expectOptions(options: RedisJournalOptions): void {
  expectKnownNames('options', options, ['prefix', 'leaseMs', 'owner']);
  const { prefix, leaseMs, owner } = options as Record<string, unknown>;
  // A brace would shift which part of the keys decides on their slot.
  if (prefix !== undefined && (typeof prefix !== 'string' || !/^[^{}]+$/.test(prefix))) {
    throw new TypeError(expected('prefix', 'a text without braces that is not empty', prefix));
  }
  expectNumber('leaseMs', leaseMs, 1);
  if (owner !== undefined && (typeof owner !== 'string' || owner === '')) {
    throw new TypeError(expected('owner', 'a text that is not empty', owner));
  }
}
