import { randomBytes } from 'node:crypto';
import { fileJournal } from '../dist/file-journal.js';
import { memoryJournal, postgresJournal, redisJournal } from '../dist/node.js';
import { temporaryFolder } from '../scripts/support/command.mjs';
import { openStage, PARAMETERS, timed, versus } from './stage.mjs';

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
export function submitWith({ name, journal }, rounds) {
  const stage = openStage({ workMs: 600_000 });
  const submit = async (options) => {
    const operation = stage.images.start(PARAMETERS, options);
    operation.result().catch(() => undefined);
    const ms = await timed(() => operation.submitted());
    await operation.cancel();
    stage.emulator.reset();
    return ms;
  };
  return versus(`submitted(), with a journal: ${name}`, rounds, {
    plain: () => submit({ journal: false }),
    ours: () => submit({ journal }),
  });
}
