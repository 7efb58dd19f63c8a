import { createToken } from '../../util/token.js';
import type { Journal, JournalClaim, JournalEntry, UnreadableEntry } from '../../api/journal.js';
import { DEFAULT_LEASE_MS, expectStoreOptions, listingOf, type StoreOptions } from '../options.js';
import { queryOf, type PostgresClient, type Query, type Row } from './client.js';
import { statementsFor } from './statements.js';

export type { PostgresClient } from './client.js';

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
  expectStoreOptions(options, 'table');
  const { table = 'genai_cancel_journal', leaseMs = DEFAULT_LEASE_MS, owner = createToken() } = options;
  const statements = statementsFor(table);

  /** The fence of the row that was changed, if one was. */
  const change = async (statement: string, ...values: (string | number)[]): Promise<number | undefined> => {
    const [row] = await query(statement, ...values);
    return row === undefined ? undefined : readFence(row);
  };
  const changeOurs = async (statement: string, { id, fence }: JournalClaim, ...values: (string | number)[]) =>
    (await change(statement, id, fence, ...values)) !== undefined;

  return {
    leaseMs,
    createTable: () => createTable(query, statements.createTable),
    async add(id, text) {
      const fence = await change(statements.add, id, text, owner, leaseMs);
      if (fence === undefined) throw new Error(`There is an entry ${id} already.`);
      return { id, fence };
    },
    write: (claim, text) => changeOurs(statements.write, claim, leaseMs, text),
    renew: (claim) => changeOurs(statements.renew, claim, leaseMs),
    release: (claim) => changeOurs(statements.release, claim),
    remove: (claim) => changeOurs(statements.remove, claim),
    async list() {
      return listingOf((await query(statements.list)).map((row) => readEntry(row) ?? unreadable(row, table)));
    },
    async claim({ id, fence }) {
      const next = await change(statements.claim, id, fence, owner, leaseMs);
      return next === undefined ? undefined : { id, fence: next };
    },
  };
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

function readFence({ fence }: Row): number {
  if (Number.isInteger(fence)) return fence as number;
  throw new Error('Expected a fence from PostgreSQL, got something else.');
}

function readEntry({ id, text, fence, owner, orphan, renewed }: Row): JournalEntry | undefined {
  if (typeof id !== 'string' || typeof text !== 'string' || !Number.isInteger(fence)) return undefined;
  if (typeof orphan !== 'boolean' || typeof renewed !== 'number') return undefined;
  if (owner !== null && typeof owner !== 'string') return undefined;
  const ownership = owner === null ? {} : { owner };
  return { id, text, fence: fence as number, ...ownership, isOrphan: orphan, renewedAt: Math.floor(renewed) };
}

function unreadable({ id }: Row, table: string): UnreadableEntry {
  return {
    place: typeof id === 'string' ? `${table} ${id}` : table,
    problem: 'Its columns are not those of a journal.',
  };
}
