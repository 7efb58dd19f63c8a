import { describe, expect, test } from 'vitest';
import { memoryJournal, type MemoryJournalEntry } from '../../src/journal/memory.js';
import { createVirtualClock, journalChecks, type JournalStore } from '../../src/testing/index.js';

const LEASE_MS = 1_000;

function emptyStore(): JournalStore {
  const clock = createVirtualClock();
  const entries = new Map<string, MemoryJournalEntry>();
  return {
    open: () => Promise.resolve(memoryJournal({ clock, entries, leaseMs: LEASE_MS })),
    expireLease: async () => clock.advance(LEASE_MS),
  };
}

describe('memoryJournal keeps the contract', () => {
  test.each(journalChecks().map(({ name, run }) => [name, run] as const))('%s', async (_, run) => {
    await run(emptyStore());
  });
});

test('memoryJournal says which option is wrong', () => {
  expect(() => memoryJournal({ leaseMs: 0 })).toThrow(RangeError);
  expect(() => memoryJournal({ leaseMs: '1' as never })).toThrow(/`leaseMs` to be a finite number >= 1, got a string/);
  expect(() => memoryJournal({ clock: {} as never })).toThrow(/`clock`/);
  expect(() => memoryJournal({ lease: 1 } as never)).toThrow(/no `lease`/);
});
