import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { onTestFinished, test } from 'vitest';
import { race } from './race.js';
import { describeWith, uniqueName } from './servers.js';

const TIMEOUT_MS = 180_000;
const TITLE = 'each of 20 orphans goes to one of two processes, in 200 races';

test(`fileJournal: ${TITLE}`, { timeout: TIMEOUT_MS }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'genai-cancel-race-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await race({ kind: 'file', folder });
});

describeWith('Redis', 'redisJournal between processes', (url) => {
  test(TITLE, { timeout: TIMEOUT_MS }, async () => {
    const client = new Redis(url);
    const prefix = uniqueName();
    const leases = `{${prefix}}:leases`;
    onTestFinished(async () => {
      await client.del(leases, `{${prefix}}:texts`);
      client.disconnect();
    });
    await race({ kind: 'redis', url, prefix }, async () => {
      const all = Object.entries(await client.hgetall(leases));
      await client.hset(leases, new Map(all.map(([id, lease]) => [id, lease.replace(/^(\d+ \d+) \d+/, '$1 1')])));
    });
  });
});

describeWith('PostgreSQL', 'postgresJournal between processes', (url) => {
  test(TITLE, { timeout: TIMEOUT_MS }, async () => {
    const pool = new Pool({ connectionString: url });
    const table = uniqueName();
    onTestFinished(async () => {
      await pool.query(`DROP TABLE IF EXISTS ${table}`);
      await pool.end();
    });
    await race({ kind: 'postgres', url, table }, async () => {
      await pool.query(`UPDATE ${table} SET lease_ends_at = 'epoch'`);
    });
  });
});
