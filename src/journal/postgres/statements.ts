import { expected } from '../../util/expected.js';
import type { Change } from '../store.js';

/** The statements of a journal: each changes one row at most, or nothing. */
export type Statements = Readonly<Record<Change | 'createTable' | 'list', string>>;

/**
 * All times are the server's: the clocks of the machines may differ. `now()` would be the start of a transaction, which
 * may be long ago; a statement that has waited for another one looks at the row again, and at the time with it.
 */
const NOW = 'clock_timestamp()';
const OURS = 'id = $1 AND fence = $2 AND owner IS NOT NULL';
const ORPHAN = `(owner IS NULL OR lease_ends_at <= ${NOW})`;

const leaseEnd = (parameter: string): string => `${NOW} + ${parameter}::double precision * interval '1 millisecond'`;
const renewed = (parameter: string): string => `renewed_at = ${NOW}, lease_ends_at = ${leaseEnd(parameter)}`;

/** Names that need no quotes, so that they are the same in psql. PostgreSQL cuts longer ones off. */
const NAME = /^[a-z_][a-z0-9_]{0,62}$/;

/** Makes the statements for `table` or `schema.table`. Throws a `TypeError` or `RangeError` for anything else. */
export function statementsFor(name: string): Statements {
  const table = quotedTable(name);
  return {
    createTable: `CREATE TABLE IF NOT EXISTS ${table} (
      id text PRIMARY KEY,
      text text NOT NULL,
      fence integer NOT NULL,
      owner text,
      renewed_at timestamptz NOT NULL,
      lease_ends_at timestamptz NOT NULL
    )`,
    /** id, text, owner, leaseMs */
    add: `INSERT INTO ${table} (id, text, fence, owner, renewed_at, lease_ends_at)
      VALUES ($1, $2, 1, $3, ${NOW}, ${leaseEnd('$4')}) ON CONFLICT (id) DO NOTHING RETURNING fence`,
    /** id, fence, leaseMs, text */
    write: `UPDATE ${table} SET text = $4, ${renewed('$3')} WHERE ${OURS} RETURNING fence`,
    /** id, fence, leaseMs */
    renew: `UPDATE ${table} SET ${renewed('$3')} WHERE ${OURS} RETURNING fence`,
    /** id, fence */
    release: `UPDATE ${table} SET owner = NULL, renewed_at = ${NOW} WHERE ${OURS} RETURNING fence`,
    /** id, fence */
    remove: `DELETE FROM ${table} WHERE ${OURS} RETURNING fence`,
    // Names of one word: clients that rewrite the names of columns leave them alone.
    list: `SELECT id, text, fence, owner, ${ORPHAN} AS orphan,
      (extract(epoch FROM renewed_at) * 1000)::double precision AS renewed FROM ${table}`,
    /** id, fence, owner, leaseMs */
    claim: `UPDATE ${table} SET fence = fence + 1, owner = $3, ${renewed('$4')}
      WHERE id = $1 AND fence = $2 AND ${ORPHAN} RETURNING fence`,
  };
}

/** Quotes the names: words such as `order` are names then. */
function quotedTable(table: unknown): string {
  if (typeof table !== 'string') throw new TypeError(expected('table', 'a text', table));
  const names = table.split('.');
  if (names.length <= 2 && names.every((name) => NAME.test(name))) return names.map((name) => `"${name}"`).join('.');
  throw new RangeError(
    expected('table', "'table' or 'schema.table', of up to 63 small letters, digits and _ each", table),
  );
}
