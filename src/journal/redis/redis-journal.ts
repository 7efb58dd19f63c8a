import { expected } from '../../util/expected.js';
import { createToken } from '../../util/token.js';
import type { Journal, JournalClaim, JournalEntry, UnreadableEntry } from '../../api/journal.js';
import { DEFAULT_LEASE_MS, expectStoreOptions, listingOf, type StoreOptions } from '../options.js';
import { readNumber, readPage } from './answers.js';
import { senderOf, type RedisClient } from './client.js';
import { ADD, CLAIM, LIST, RELEASE, REMOVE, RENEW, WRITE } from './scripts.js';

export type { RedisClient } from './client.js';

/** Options of `redisJournal()`. */
export interface RedisJournalOptions extends StoreOptions {
  /** What the two keys begin with, `{prefix}:leases` and `{prefix}:texts`: who shares it shares the journal. @default 'genai-cancel' */
  prefix?: string | undefined;
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
  expectStoreOptions(options, 'prefix');
  expectPrefix(options.prefix);
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
      return listingOf([...found.values()]);
    },
    async claim({ id, fence }) {
      const next = readNumber(await run(CLAIM, id, fence, owner, leaseMs));
      return next === 0 ? undefined : { id, fence: next };
    },
  };
}

function expectPrefix(prefix: unknown): void {
  // A brace would shift which part of the keys decides on their slot.
  if (prefix === undefined || (typeof prefix === 'string' && /^[^{}]+$/.test(prefix))) return;
  throw new TypeError(expected('prefix', 'a text without braces that is not empty', prefix));
}
