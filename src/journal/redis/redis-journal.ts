import type { Journal, JournalEntry, UnreadableEntry } from '../../api/journal.js';
import { expected, expectMatch } from '../../util/expected.js';
import { journalOf, type Change, type StoreOptions } from '../store.js';

/**
 * What `redisJournal()` needs of a Redis client: one that sends a command as it is given. Clients of ioredis (also its
 * `Cluster`) and of node-redis are ones; anything else is adapted in a line.
 *
 * @example A cluster of node-redis wants to know the key that decides which node is asked:
 * ```ts
 * const client = { sendCommand: (args: string[]) => cluster.sendCommand(args[3], false, args) };
 * ```
 */
export type RedisClient =
  /** As in ioredis: the command and its arguments, one by one. */
  | { call(command: string, ...args: string[]): Promise<unknown> }
  /** As in node-redis: the command and its arguments in one array. */
  | { sendCommand(args: string[]): Promise<unknown> };

type Methods = Partial<Record<'call' | 'sendCommand', (...args: unknown[]) => unknown>>;

/** Throws unless `client` is a `RedisClient`. */
function senderOf(client: unknown): (...command: [string, ...string[]]) => Promise<unknown> {
  // Every function has a `call` that means something else.
  const methods = (typeof client === 'object' ? client : {}) as Methods | null;
  // `call` goes first: ioredis has a `sendCommand` too, which wants another kind of object.
  if (typeof methods?.call === 'function') return async (...command) => methods.call?.(...command);
  if (typeof methods?.sendCommand === 'function') return async (...command) => methods.sendCommand?.(command);
  const what = 'a Redis client, with call() as in ioredis or sendCommand() as in node-redis';
  throw new TypeError(expected('client', what, client));
}

/** Options of `redisJournal()`. */
export interface RedisJournalOptions extends StoreOptions {
  /** The beginning of the two keys, `{prefix}:leases` and `{prefix}:texts`: who shares it shares the journal. @default 'genai-cancel' */
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
  const { prefix = 'genai-cancel' } = Object(options) as RedisJournalOptions;
  // A brace would shift which part of the keys decides on their slot.
  expectMatch('prefix', prefix, /^[^{}]+$/, 'a text without braces that is not empty');
  // The braces keep both keys in one slot of a cluster.
  const keys = [`{${prefix}}:leases`, `{${prefix}}:texts`] as const;
  // Clients that know commands by their names (ioredis, for the keys) know them in small letters.
  const run = (script: string, ...values: (string | number)[]): Promise<unknown> =>
    send('eval', script, String(keys.length), ...keys, ...values.map(String));
  return journalOf(
    {
      change: async (change, ...values) => readNumber(await run(SCRIPTS[change], ...values)),
      async read() {
        const found = new Map<string, JournalEntry | UnreadableEntry>();
        let cursor = '0';
        do cursor = readPage(await run(LIST, cursor, PAGE), keys[0], found);
        while (cursor !== '0');
        return found.values();
      },
    },
    options,
    'prefix',
  );
}

/** Whole numbers are numbers to most clients, and texts or bytes to some. */
function readNumber(answer: unknown): number {
  const text = typeof answer === 'bigint' ? String(answer) : (readText(answer) ?? '');
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw notUnderstood('a whole number');
}

/** Puts a page into `found`, and returns the next cursor: '0' after the last page. A later page is newer. */
function readPage(answer: unknown, leasesKey: string, found: Map<string, JournalEntry | UnreadableEntry>): string {
  if (!Array.isArray(answer) || answer.length % 3 !== 2) throw notUnderstood('a page of entries');
  const cursor = readText(answer[0]);
  if (cursor === undefined || !/^\d+$/.test(cursor)) throw notUnderstood('a cursor');
  const now = readNumber(answer[1]);
  for (let index = 2; index < answer.length; index += 3) {
    const [id, lease, text] = answer.slice(index, index + 3).map(readText);
    if (id === undefined) throw notUnderstood('an id');
    const problem = text === undefined ? 'It has no text.' : 'Its lease is not one that a journal wrote.';
    found.set(id, readEntry(id, lease, text, now) ?? { place: `${leasesKey} ${id}`, problem });
  }
  return cursor;
}

function readEntry(id: string, lease = '', text: string | undefined, now: number): JournalEntry | undefined {
  const [, fence, renewedAt, leaseEndsAt, owner] = /^(\d{1,15}) (\d{1,15}) (\d+) (.*)$/s.exec(lease) ?? [];
  if (text === undefined || owner === undefined) return undefined;
  const entry = { id, text, fence: Number(fence), renewedAt: Number(renewedAt) };
  return owner === '' ? { ...entry, isOrphan: true } : { ...entry, owner, isOrphan: Number(leaseEndsAt) <= now };
}

function readText(value: unknown): string | undefined {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : undefined;
}

const notUnderstood = (wanted: string) => new Error(`Expected ${wanted} from Redis, got something else.`);

/**
 * The start of all scripts. Redis runs nothing else during a script. Two hashes hold the journal, with the
 * ids as fields: the leases, `<fence> <renewed at> <lease ends at> <owner>`, without an owner once released, and the texts.
 * So every key is named to the command, as clusters demand, and a renewal neither writes nor replicates the text. All times
 * are the server's: the clocks of the machines may differ.
 */
const COMMON = `
local leases, texts, id = KEYS[1], KEYS[2], ARGV[1]

local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function read()
  return string.match(redis.call('HGET', leases, id) or '', '^(%d+) (%d+) (%d+) (.*)$')
end

local function put(fence, owner, leaseMs)
  local renewedAt = now()
  redis.call('HSET', leases, id, string.format('%.0f %.0f %.0f ', fence, renewedAt, renewedAt + leaseMs) .. owner)
  return fence
end
`;

const OURS = `${COMMON}
local fence, _, _, owner = read()
if fence ~= ARGV[2] or owner == '' then return 0 end
`;

/** The script of each change, with its values as ARGV. Each returns 0 if it has changed nothing. */
const SCRIPTS: Readonly<Record<Change, string>> = {
  add: `${COMMON}
if redis.call('HEXISTS', leases, id) == 1 then return 0 end
redis.call('HSET', texts, id, ARGV[2])
return put(1, ARGV[3], ARGV[4])
`,
  write: `${OURS}
redis.call('HSET', texts, id, ARGV[4])
return put(fence, owner, ARGV[3])
`,
  renew: `${OURS} return put(fence, owner, ARGV[3])`,
  release: `${OURS} return put(fence, '', 0)`,
  remove: `${OURS}
redis.call('HDEL', texts, id)
return redis.call('HDEL', leases, id)
`,
  claim: `${COMMON}
local fence, _, leaseEndsAt, owner = read()
if fence ~= ARGV[2] then return 0 end
if owner ~= '' and tonumber(leaseEndsAt) > now() then return 0 end
return put(fence + 1, ARGV[3], ARGV[4])
`,
};

/** cursor, count: the next cursor, the time, and of each entry its id, lease and text. */
const LIST = `${COMMON}
local page = redis.call('HSCAN', leases, ARGV[1], 'COUNT', ARGV[2])
local answer = { page[1], string.format('%.0f', now()) }
for index = 1, #page[2], 2 do
  table.insert(answer, page[2][index])
  table.insert(answer, page[2][index + 1])
  table.insert(answer, redis.call('HGET', texts, page[2][index]))
end
return answer
`;
