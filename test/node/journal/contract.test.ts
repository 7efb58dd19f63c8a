import { describe, test } from 'vitest';
import { journalChecks, type JournalStore } from '../../../src/testing/index.js';
import { elsewhere, expireLease, open, temporaryFolder } from './harness.js';

/** Each on a host of its own, so that the lease decides. */
function emptyStore(): JournalStore {
  const folder = temporaryFolder();
  return {
    open: () => Promise.resolve(open(folder, { machine: elsewhere() })),
    expireLease: (id) => {
      expireLease(folder, id);
      return Promise.resolve();
    },
  };
}

describe('fileJournal keeps the contract', () => {
  test.each(journalChecks().map(({ name, run }) => [name, run] as const))('%s', async (_, run) => {
    await run(emptyStore());
  });
});
