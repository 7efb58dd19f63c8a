import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Journal, JournalEntry } from '../../src/api/journal.js';
import { redisJournal, type RedisJournalOptions } from '../../src/journal/redis/redis-journal.js';
import { journalChecks, type JournalStore } from '../../src/testing/index.js';
import { connectIoredis, redisClients, type RedisConnection } from './redis-clients.js';
import { callAll, describeWith, uniqueName } from './servers.js';

const HOUR_MS = 3_600_000;

describeWith('Redis', 'redisJournal against a real server', (url) => {
  describe.each(Object.entries(redisClients))('over %s', (_, connect) => {
    let connection: RedisConnection;
    beforeAll(async () => {
      connection = await connect(url);
    });
    afterAll(() => connection.close());

    test.each(journalChecks().map(({ name, run }) => [name, run] as const))('%s', async (_, run) => {
      await run(emptyStore(connection));
    });

    test('rejects, and does not hang, once the connection is closed', async () => {
      const away = await connect(url);
      const journal = redisJournal(away.client);
      away.close();
      for (const { status } of await callAll(journal)) expect(status).toBe('rejected');
    });
  });

  describe('whatever the client', () => {
    let connection: RedisConnection;
    beforeAll(async () => {
      connection = await connectIoredis(url);
    });
    afterAll(() => connection.close());

    test('lists each of many entries once, page by page', async () => {
      const { prefix, journal } = emptyJournal(connection);
      const ids = Array.from({ length: 1_000 }, (_, index) => `id-${index}`);
      await Promise.all(ids.map((id) => journal.add(id, `text of ${id}`)));
      const send = vi.fn(connection.send);
      const { entries, unreadable } = await redisJournal({ call: send }, { prefix }).list();
      expect(entries.map(({ id }) => id).sort()).toEqual(ids.sort());
      expect(entries.every(({ id, text }) => text === `text of ${id}`)).toBe(true);
      expect(unreadable).toEqual([]);
      expect(send.mock.calls.length).toBeGreaterThan(5);
    });

    test('names what is none of ours, leaves it alone, and lists the rest', async () => {
      const { prefix, journal } = emptyJournal(connection);
      await journal.add('good', 'text');
      await connection.send('hset', `{${prefix}}:leases`, 'junk', 'junk', 'textless', '1 2 3 x');
      await connection.send('hset', `{${prefix}}:texts`, 'junk', 'text');
      const { entries, unreadable } = await journal.list();
      expect(entries.map(({ id }) => id)).toEqual(['good']);
      expect(unreadable.map(({ place }) => place).sort()).toEqual([
        `{${prefix}}:leases junk`,
        `{${prefix}}:leases textless`,
      ]);
      const claim = { id: 'junk', fence: 1 };
      expect(await journal.claim({ ...claim, text: '', isOrphan: true, renewedAt: 0 })).toBeUndefined();
      expect(await journal.write(claim, 'x')).toBe(false);
      await expect(journal.add('junk', 'x')).rejects.toThrow('already');
      expect(await connection.send('hget', `{${prefix}}:leases`, 'junk')).toBe('junk');
    });

    test('rejects, and changes nothing, where the keys are of another kind', async () => {
      const { prefix, journal } = emptyJournal(connection);
      await connection.send('set', `{${prefix}}:texts`, 'not a hash');
      await expect(journal.add('id', 'text')).rejects.toThrow('WRONGTYPE');
      expect(await connection.send('exists', `{${prefix}}:leases`)).toBe(0);
    });

    test('leaves nothing behind when the last entry is taken out', async () => {
      const { prefix, journal } = emptyJournal(connection);
      await journal.remove(await journal.add('id', 'text'));
      expect(await connection.send('exists', `{${prefix}}:leases`, `{${prefix}}:texts`)).toBe(0);
    });

    test('goes by the clock of the server', async () => {
      const { prefix, journal } = emptyJournal(connection);
      const before = await serverTime(connection);
      vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 24 * HOUR_MS);
      onTestFinished(() => void vi.restoreAllMocks());
      await journal.add('id', 'text');
      const entry = await only(journal);
      expect(entry.isOrphan).toBe(false);
      expect(entry.renewedAt).toBeGreaterThanOrEqual(before);
      expect(entry.renewedAt).toBeLessThanOrEqual(await serverTime(connection));
      expect(await redisJournal(connection.client, { prefix }).claim(entry)).toBeUndefined();
    });

    test('lets a lease end by itself', async () => {
      const { journal } = emptyJournal(connection, { leaseMs: 1 });
      await journal.add('id', 'text');
      while (!(await only(journal)).isOrphan);
      expect(await journal.claim(await only(journal))).toEqual({ id: 'id', fence: 2 });
    });

    test('shows the owner as it was given', async () => {
      const { journal } = emptyJournal(connection, { owner: 'host 7:\n4711 é' });
      const claim = await journal.add('id', 'text');
      await journal.write(claim, 'more');
      await journal.renew(claim);
      expect((await only(journal)).owner).toBe('host 7:\n4711 é');
    });
  });
});

function emptyStore(connection: RedisConnection): JournalStore {
  const { prefix } = emptyJournal(connection);
  const leases = `{${prefix}}:leases`;
  return {
    open: () => Promise.resolve(redisJournal(connection.client, { prefix })),
    expireLease: async (id) => {
      const lease = String(await connection.send('hget', leases, id));
      expect(lease).toMatch(/^\d+ \d+ \d{13} ./);
      await connection.send('hset', leases, id, lease.replace(/^(\d+ \d+) \d+/, '$1 1'));
    },
  };
}

/** A journal of its own, whose keys are gone when the test has finished. */
function emptyJournal(connection: RedisConnection, options: RedisJournalOptions = {}) {
  const prefix = uniqueName();
  onTestFinished(async () => {
    await connection.send('del', `{${prefix}}:leases`, `{${prefix}}:texts`);
  });
  return { prefix, journal: redisJournal(connection.client, { ...options, prefix }) };
}

async function only(journal: Journal): Promise<JournalEntry> {
  const [entry, ...others] = (await journal.list()).entries;
  if (entry === undefined || others.length > 0) throw new Error('There is not one entry.');
  return entry;
}

/** In ms, cut off. */
async function serverTime({ send }: RedisConnection): Promise<number> {
  const [seconds, microseconds] = (await send('time')) as [string, string];
  return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
}
