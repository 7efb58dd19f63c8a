import { randomBytes } from 'node:crypto';
import { GoogleGenAI } from '@google/genai';
import { fileJournal } from '../dist/file-journal.js';
import { cancelable, memoryJournal, postgresJournal, redisJournal } from '../dist/node.js';
import { createEmulator } from '../dist/testing/node.js';
import { temporaryFolder } from '../scripts/support/command.mjs';

/**
 * The journals that can be had here: those of servers where `GENAI_CANCEL_TEST_REDIS_URL` and
 * `GENAI_CANCEL_TEST_POSTGRES_URL` say where these are (`scripts/with-stores.sh` does). Each is new and empty.
 */
export async function openJournals() {
  const { GENAI_CANCEL_TEST_REDIS_URL: redisUrl, GENAI_CANCEL_TEST_POSTGRES_URL: postgresUrl } = process.env;
  const journals = [
    { name: 'memory', journal: memoryJournal() },
    { name: 'file', journal: fileJournal({ folder: temporaryFolder('bench').path }) },
  ];
  const missing = [];
  if (redisUrl === undefined) missing.push('Redis');
  else journals.push(await openRedis(redisUrl));
  if (postgresUrl === undefined) missing.push('PostgreSQL');
  else journals.push(await openPostgres(postgresUrl));
  return { journals, missing };
}

async function openRedis(url) {
  const { Redis } = await import('ioredis');
  const client = new Redis(url);
  const prefix = `bench-${randomBytes(8).toString('hex')}`;
  return { name: 'Redis', journal: redisJournal(client, { prefix }), close: () => client.quit() };
}

async function openPostgres(url) {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({ connectionString: url });
  const table = `bench_${randomBytes(8).toString('hex')}`;
  const journal = postgresJournal(pool, { table });
  await journal.createTable();
  const close = async () => {
    await pool.query(`DROP TABLE ${table}`);
    await pool.end();
  };
  return { name: 'PostgreSQL', journal, close };
}

/** Time to `submitted()`, without and with the journal, in turns: what it adds is what it costs who starts. */
export async function submitWith({ name, journal }, rounds, note) {
  const emulator = createEmulator({ queueMs: 0, workMs: 600_000 });
  const images = cancelable(new GoogleGenAI({ apiKey: 'any', httpOptions: { fetch: emulator.fetch } }));
  for (let round = -20; round < rounds; round++) {
    for (const [side, option] of Object.entries({ 'no journal': false, [`journal: ${name}`]: journal })) {
      const from = performance.now();
      const operation = images.start({ model: 'gemini-3.1-flash-image', prompt: 'a lighthouse' }, { journal: option });
      operation.result().catch(() => undefined);
      await operation.submitted();
      const ms = performance.now() - from;
      await operation.cancel();
      emulator.reset();
      if (round >= 0) note({ section: 'stores', what: `submitted(), journal: ${name}`, side }, ms);
    }
  }
}
