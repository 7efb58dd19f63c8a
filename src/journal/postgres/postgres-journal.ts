import type { Journal, JournalEntry, UnreadableEntry } from '../../api/journal.js';
import { expected } from '../../util/expected.js';
import { journalOf, type Change, type StoreOptions } from '../store.js';

/**
 * What `postgresJournal()` needs of a PostgreSQL client: `query()` as of `Pool` of pg. Give it a pool rather than one
 * connection: it sends what it has to say at once, and in a transaction of yours nothing is durable before the commit.
 *
 * @example Other clients are adapted in a line, here postgres.js:
 * ```ts
 * const client = { query: async (text, values) => ({ rows: await sql.unsafe(text, values) }) };
 * ```
 */
export interface PostgresClient {
  /** Sends one statement. `values` are those of `$1`, `$2`, … in `text`: texts and numbers. */
  query(text: string, values: (string | number)[]): Promise<{ rows: unknown[] }>;
}

type Row = Readonly<Record<string, unknown>>;
type Query = (text: string, ...values: (string | number)[]) => Promise<readonly Row[]>;

/** @throws {TypeError} unless `client` is a `PostgresClient`. */
function queryOf(client: PostgresClient): Query {
  if (typeof (Object(client) as Row)['query'] !== 'function') {
    throw new TypeError(expected('client', 'a PostgreSQL client, with query() as in pg', client));
  }
  return async (text, ...values) => {
    const { rows } = Object(await client.query(text, values)) as Row;
    if (Array.isArray(rows)) return rows.map((row) => Object(row) as Row);
    throw new Error('Expected rows from PostgreSQL, got something else.');
  };
}

/** Options of `postgresJournal()`. */
export interface PostgresJournalOptions extends StoreOptions {
  /** The table, if need be with its schema: who shares it shares the journal. @default 'genai_cancel_journal' */
  table?: string | undefined;
}

/** A `Journal` in a table. */
export interface PostgresJournal extends Journal {
  /** Creates the table unless it is there, also when several processes do so at once. Its schema has to be there. */
  createTable(): Promise<void>;
}

/**
 * A journal for several machines, in a table of PostgreSQL (9.5 or newer), over a client that you have. Each method is one
 * statement, at the isolation READ COMMITTED, which is the default; at a stricter one, who comes second gets a
 * serialization failure instead of an answer.
 *
 * @example
 * ```ts
 * const journal = postgresJournal(new Pool(), { owner: `${hostname()}:${process.pid}` });
 * await journal.createTable();
 * const images = cancelable(ai, { journal });
 * ```
 * @throws {TypeError | RangeError} for a bad client or bad options, before anything is sent.
 */
export function postgresJournal(client: PostgresClient, options: PostgresJournalOptions = {}): PostgresJournal {
  const query = queryOf(client);
  const { table = 'genai_cancel_journal' } = Object(options) as PostgresJournalOptions;
  const statements = statementsFor(quotedTable(table));
  const journal = journalOf(
    {
      async change(change, ...values) {
        const [{ fence } = { fence: 0 }] = await query(statements[change], ...values);
        if (typeof fence === 'number' && Number.isInteger(fence)) return fence;
        throw new Error('Expected a fence from PostgreSQL, got something else.');
      },
      read: async () => (await query(statements.list)).map((row) => readEntry(row, table)),
    },
    options,
    'table',
  );
  return { ...journal, createTable: () => createTable(query, statements.createTable) };
}

/** unique_violation, duplicate_table, duplicate_object: what who comes second gets, in spite of IF NOT EXISTS. */
const CREATED_MEANWHILE: readonly unknown[] = ['23505', '42P07', '42710'];

async function createTable(query: Query, statement: string): Promise<void> {
  try {
    await query(statement);
  } catch (error) {
    if (!CREATED_MEANWHILE.includes((Object(error) as Row)['code'])) throw error;
    // By now the other one has committed. If it was no table that stood in the way, this says so.
    await query(statement);
  }
}

function readEntry({ id, text, fence, owner, orphan, renewed }: Row, table: string): JournalEntry | UnreadableEntry {
  if (typeof id !== 'string') return { place: table, problem: NOT_OURS };
  const isOurs = typeof text === 'string' && typeof fence === 'number' && Number.isInteger(fence);
  const isDated = typeof orphan === 'boolean' && typeof renewed === 'number' && Number.isFinite(renewed);
  const isOwned = owner === null || typeof owner === 'string';
  if (!isOurs || !isDated || !isOwned) return { place: `${table} ${id}`, problem: NOT_OURS };
  return { id, text, fence, ...(owner !== null && { owner }), isOrphan: orphan, renewedAt: Math.floor(renewed) };
}

const NOT_OURS = 'Its columns are not those of a journal.';

/** The server's time, since clocks differ; and not `now()`, the start of a transaction, which may be long ago. */
const NOW = 'clock_timestamp()';
const OURS = 'id = $1 AND fence = $2 AND owner IS NOT NULL';
const ORPHAN = `(owner IS NULL OR lease_ends_at <= ${NOW})`;

const leaseEnd = (parameter: string): string => `${NOW} + ${parameter}::double precision * interval '1 millisecond'`;
const renewed = (parameter: string): string => `renewed_at = ${NOW}, lease_ends_at = ${leaseEnd(parameter)}`;

/** Names that need no quotes, so that they are the same in psql. PostgreSQL cuts longer ones off. */
const NAME = /^[a-z_][a-z0-9_]{0,62}$/;

/** Makes the statements, whose parameters are in the order of `Change`. Each changes one row at most. */
function statementsFor(table: string): Readonly<Record<Change | 'createTable' | 'list', string>> {
  return {
    createTable: `CREATE TABLE IF NOT EXISTS ${table} (
      id text PRIMARY KEY,
      text text NOT NULL,
      fence integer NOT NULL,
      owner text,
      renewed_at timestamptz NOT NULL,
      lease_ends_at timestamptz NOT NULL
    )`,
    add: `INSERT INTO ${table} (id, text, fence, owner, renewed_at, lease_ends_at)
      VALUES ($1, $2, 1, $3, ${NOW}, ${leaseEnd('$4')}) ON CONFLICT (id) DO NOTHING RETURNING fence`,
    write: `UPDATE ${table} SET text = $4, ${renewed('$3')} WHERE ${OURS} RETURNING fence`,
    renew: `UPDATE ${table} SET ${renewed('$3')} WHERE ${OURS} RETURNING fence`,
    release: `UPDATE ${table} SET owner = NULL, renewed_at = ${NOW} WHERE ${OURS} RETURNING fence`,
    remove: `DELETE FROM ${table} WHERE ${OURS} RETURNING fence`,
    // Names of one word: clients that rewrite the names of columns leave them alone.
    list: `SELECT id, text, fence, owner, ${ORPHAN} AS orphan,
      (extract(epoch FROM renewed_at) * 1000)::double precision AS renewed FROM ${table}`,
    claim: `UPDATE ${table} SET fence = fence + 1, owner = $3, ${renewed('$4')}
      WHERE id = $1 AND fence = $2 AND ${ORPHAN} RETURNING fence`,
  };
}

/** Quotes the names: words such as `order` are names then. Throws unless it is `table` or `schema.table`. */
function quotedTable(table: unknown): string {
  if (typeof table !== 'string') throw new TypeError(expected('table', 'a text', table));
  const names = table.split('.');
  if (names.length <= 2 && names.every((name) => NAME.test(name))) return names.map((name) => `"${name}"`).join('.');
  const what = "'table' or 'schema.table', of up to 63 small letters, digits and _ each";
  throw new RangeError(expected('table', what, table));
}
