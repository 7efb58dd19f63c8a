import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { postgresJournal } from '../../src/journal/postgres/postgres-journal.js';
import { journalChecks } from '../../src/testing/index.js';
import {
  connect,
  emptyJournal,
  emptyStore,
  expireLease,
  isWaiting,
  only,
  serverTime,
  unusedTable,
} from './postgres-tables.js';
import { callAll, describeWith, uniqueName } from './servers.js';

const DAY_MS = 86_400_000;

describeWith('PostgreSQL', 'postgresJournal against a real server', (url) => {
  let pool: Pool;
  beforeAll(() => {
    pool = new Pool({ connectionString: url });
  });
  afterAll(() => pool.end());

  describe('keeps the contract over a pool of pg', () => {
    test.each(journalChecks().map(({ name, run }) => [name, run] as const))('%s', async (_, run) => {
      await run(await emptyStore(pool));
    });
  });

  test('rejects, and does not hang, once the pool is closed', async () => {
    const away = new Pool({ connectionString: url });
    await away.query('SELECT 1');
    await away.end();
    for (const { status } of await callAll(postgresJournal(away))) expect(status).toBe('rejected');
    await expect(postgresJournal(away).createTable()).rejects.toThrow();
  });

  test('rejects, and does not hang, where there is no table', async () => {
    const journal = postgresJournal(pool, { table: uniqueName() });
    for (const { status } of await callAll(journal)) expect(status).toBe('rejected');
  });

  test('creates the table once, whoever else creates it at that moment', async () => {
    for (let round = 0; round < 10; round++) {
      const table = unusedTable(pool);
      const clients = await Promise.all(Array.from({ length: 8 }, () => connect(url)));
      await Promise.all(clients.map((client) => postgresJournal(client, { table }).createTable()));
      await postgresJournal(pool, { table }).add('id', 'text');
      await postgresJournal(pool, { table }).createTable();
      expect((await only(postgresJournal(pool, { table }))).text).toBe('text');
    }
  });

  test('takes nothing else of that name for the table', async () => {
    const name = uniqueName();
    await pool.query(`CREATE TYPE ${name} AS ENUM ('a')`);
    onTestFinished(async () => {
      await pool.query(`DROP TYPE ${name}`);
    });
    await expect(postgresJournal(pool, { table: name }).createTable()).rejects.toThrow('already exists');
  });

  test('keeps to a schema, and to names that are words of SQL', async () => {
    const schema = uniqueName();
    await pool.query(`CREATE SCHEMA ${schema}`);
    onTestFinished(async () => {
      await pool.query(`DROP SCHEMA ${schema} CASCADE`);
    });
    const journal = postgresJournal(pool, { table: `${schema}.order` });
    await journal.createTable();
    await journal.add('id', 'text');
    expect((await pool.query(`SELECT id FROM ${schema}."order"`)).rows).toEqual([{ id: 'id' }]);
  });

  test('lists many entries', async () => {
    const { journal } = await emptyJournal(pool);
    const ids = Array.from({ length: 1_000 }, (_, index) => `id-${index}`);
    await Promise.all(ids.map((id) => journal.add(id, `text of ${id}`)));
    const { entries, unreadable } = await journal.list();
    expect(entries.map(({ id }) => id).sort()).toEqual(ids.sort());
    expect(unreadable).toEqual([]);
  });

  test('goes by the clock of the server', async () => {
    const { table, journal } = await emptyJournal(pool);
    const before = await serverTime(pool);
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + DAY_MS);
    onTestFinished(() => void vi.restoreAllMocks());
    await journal.add('id', 'text');
    const entry = await only(journal);
    expect(entry.isOrphan).toBe(false);
    expect(entry.renewedAt).toBeGreaterThanOrEqual(before);
    expect(entry.renewedAt).toBeLessThanOrEqual(await serverTime(pool));
    expect(await postgresJournal(pool, { table }).claim(entry)).toBeUndefined();
  });

  test('lets a lease end by itself', async () => {
    const { journal } = await emptyJournal(pool, { leaseMs: 1 });
    await journal.add('id', 'text');
    while (!(await only(journal)).isOrphan);
    expect(await journal.claim(await only(journal))).toEqual({ id: 'id', fence: 2 });
  });

  test('shows the owner as it was given', async () => {
    const { journal } = await emptyJournal(pool, { owner: 'host 7:\n4711 é' });
    const claim = await journal.add('id', 'text');
    await journal.write(claim, 'more');
    await journal.renew(claim);
    expect((await only(journal)).owner).toBe('host 7:\n4711 é');
  });

  test('sees in a long transaction what has run out since it began', async () => {
    const { table, journal } = await emptyJournal(pool);
    const client = await connect(url);
    await journal.add('id', 'text');
    await client.query('BEGIN');
    await client.query('SELECT now()');
    await expireLease(pool, table, 'id', 'clock_timestamp()');
    const inside = postgresJournal(client, { table });
    const orphan = await only(inside);
    expect(orphan.isOrphan).toBe(true);
    expect(await inside.claim(orphan)).toEqual({ id: 'id', fence: 2 });
    await client.query('COMMIT');
  });

  test('gives nothing to a claim that has waited for its owner to renew', async () => {
    const { table, journal } = await emptyJournal(pool);
    const [owner, other] = [await connect(url), await connect(url)];
    const claim = await journal.add('id', 'text');
    await expireLease(pool, table, 'id');
    const orphan = await only(journal);
    await owner.query('BEGIN');
    expect(await postgresJournal(owner, { table }).renew(claim)).toBe(true);
    const waiting = postgresJournal(other, { table }).claim(orphan);
    await isWaiting(pool, table);
    await owner.query('COMMIT');
    expect(await waiting).toBeUndefined();
    expect(await journal.renew(claim)).toBe(true);
  });

  test('changes nothing for an owner that has waited for somebody to claim', async () => {
    const { table, journal } = await emptyJournal(pool);
    const [owner, other] = [await connect(url), await connect(url)];
    const claim = await journal.add('id', 'text');
    await expireLease(pool, table, 'id');
    await other.query('BEGIN');
    expect(await postgresJournal(other, { table }).claim(await only(journal))).toEqual({ id: 'id', fence: 2 });
    const waiting = postgresJournal(owner, { table }).write(claim, 'late');
    await isWaiting(pool, table);
    await other.query('COMMIT');
    expect(await waiting).toBe(false);
    expect((await only(journal)).text).toBe('text');
  });
});
