import { expected } from '../../util/expected.js';

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

/** One row, by the names of its columns. */
export type Row = Readonly<Record<string, unknown>>;

/** Sends one statement and gives its rows. */
export type Query = (text: string, ...values: (string | number)[]) => Promise<readonly Row[]>;

/** @throws {TypeError} unless `client` is a `PostgresClient`. */
export function queryOf(client: PostgresClient): Query {
  const { query } = Object(client) as Record<string, unknown>;
  if (typeof query !== 'function') {
    throw new TypeError(expected('client', 'a PostgreSQL client, with query() as in pg', client));
  }
  return async (text, ...values) => readRows(await client.query(text, values));
}

function readRows(answer: unknown): readonly Row[] {
  const { rows } = Object(answer) as Row;
  if (Array.isArray(rows)) return rows.map((row) => Object(row) as Row);
  throw new Error('Expected rows from PostgreSQL, got something else.');
}
