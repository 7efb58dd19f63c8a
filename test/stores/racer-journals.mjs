import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { fileJournal } from '../../dist/file-journal.js';
import { postgresJournal, redisJournal } from '../../dist/index.js';

const kinds = {
  file({ folder }) {
    return { journal: fileJournal({ folder }), close() {} };
  },
  redis({ url, prefix }) {
    const client = new Redis(url);
    return { journal: redisJournal(client, { prefix }), close: () => client.disconnect() };
  },
  async postgres({ url, table }) {
    const pool = new Pool({ connectionString: url });
    const journal = postgresJournal(pool, { table });
    await journal.createTable();
    return { journal, close: () => pool.end() };
  },
};

/** A journal as `kind` says, in the build. */
export function openJournal({ kind, ...place }) {
  return kinds[kind](place);
}
