import { expected } from '../../expected.js';

/** Names that need no quotes, so that they are the same in psql. PostgreSQL cuts longer ones off. */
const NAME = /^[a-z_][a-z0-9_]{0,62}$/;

/**
 * `table`, or `schema.table`, quoted: words such as `order` are names then.
 * @throws {TypeError | RangeError} for anything else.
 */
export function quotedTable(table: unknown): string {
  if (typeof table !== 'string') throw new TypeError(expected('table', 'a text', table));
  const names = table.split('.');
  if (names.length <= 2 && names.every((name) => NAME.test(name))) return names.map((name) => `"${name}"`).join('.');
  throw new RangeError(
    expected('table', "'table' or 'schema.table', of up to 63 small letters, digits and _ each", table),
  );
}
