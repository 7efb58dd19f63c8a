import { Client, type Pool } from 'pg';
import { expect, onTestFinished } from 'vitest';
import type { Journal, JournalEntry } from '../../src/api/journal.js';
import {
  postgresJournal,
  type PostgresJournal,
  type PostgresJournalOptions,
} from '../../src/journal/postgres/postgres-journal.js';
import type { JournalStore } from '../../src/testing/index.js';
import { uniqueName } from './servers.js';

export async function emptyStore(pool: Pool): Promise<JournalStore> {
  const { table } = await emptyJournal(pool);
  return {
    open: () => Promise.resolve(postgresJournal(pool, { table })),
    expireLease: (id) => expireLease(pool, table, id),
  };
}

/** A journal of its own, whose table is gone when the test has finished. */
export async function emptyJournal(
  pool: Pool,
  options: PostgresJournalOptions = {},
): Promise<{ table: string; journal: PostgresJournal }> {
  const table = unusedTable(pool);
  const journal = postgresJournal(pool, { ...options, table });
  await journal.createTable();
  return { table, journal };
}

export function unusedTable(pool: Pool): string {
  const table = uniqueName();
  onTestFinished(async () => {
    await pool.query(`DROP TABLE IF EXISTS ${table}`);
  });
  return table;
}

/** A connection that ends with the test. */
export async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

export async function expireLease(pool: Pool, table: string, id: string, at = "'epoch'"): Promise<void> {
  const { rowCount } = await pool.query(`UPDATE ${table} SET lease_ends_at = ${at} WHERE id = $1`, [id]);
  expect(rowCount).toBe(1);
}

export async function only(journal: Journal): Promise<JournalEntry> {
  const [entry, ...others] = (await journal.list()).entries;
  if (entry === undefined || others.length > 0) throw new Error('There is not one entry.');
  return entry;
}

/** Until a statement about the table waits for another transaction. */
export async function isWaiting(pool: Pool, table: string): Promise<void> {
  const waiting = `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE $1`;
  while ((await pool.query(waiting, [`%${table}%`])).rows.length === 0);
}

/** In ms, cut off. */
export async function serverTime(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ now: number }>(
    'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::double precision AS now',
  );
  return rows[0]?.now ?? Number.NaN;
}
