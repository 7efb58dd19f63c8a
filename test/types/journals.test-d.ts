import { expectTypeOf, test } from 'vitest';
import type * as library from '../../src/index.js';
import type * as files from '../../src/file-journal.js';

declare const images: library.CancelableImages;

test('every store is a journal', () => {
  expectTypeOf<typeof library.memoryJournal>().returns.toEqualTypeOf<library.Journal>();
  expectTypeOf<typeof library.redisJournal>().returns.toEqualTypeOf<library.Journal>();
  expectTypeOf<typeof library.postgresJournal>().returns.toEqualTypeOf<library.PostgresJournal>();
  expectTypeOf<typeof files.fileJournal>().returns.toEqualTypeOf<library.Journal>();
  expectTypeOf<library.PostgresJournal>().toExtend<library.Journal>();
});

test('what stores are told', () => {
  expectTypeOf<typeof library.memoryJournal>().parameters.toEqualTypeOf<[library.MemoryJournalOptions?]>();
  expectTypeOf<library.MemoryJournalOptions['entries']>().toEqualTypeOf<
    Map<string, library.MemoryJournalEntry> | undefined
  >();
  expectTypeOf<typeof library.redisJournal>().parameters.toEqualTypeOf<
    [library.RedisClient, library.RedisJournalOptions?]
  >();
  expectTypeOf<typeof library.postgresJournal>().parameters.toEqualTypeOf<
    [library.PostgresClient, library.PostgresJournalOptions?]
  >();
  expectTypeOf<typeof files.fileJournal>().parameters.toEqualTypeOf<[files.FileJournalOptions?]>();
  expectTypeOf<{ folder: URL }>().not.toExtend<files.FileJournalOptions>();
  expectTypeOf<{ leaseMs: '30s' }>().not.toExtend<library.RedisJournalOptions>();
});

test('a store of your own has these methods', () => {
  expectTypeOf<keyof library.Journal>().toEqualTypeOf<
    'leaseMs' | 'add' | 'write' | 'renew' | 'release' | 'remove' | 'list' | 'claim'
  >();
  expectTypeOf<library.Journal['add']>().returns.resolves.toEqualTypeOf<library.JournalClaim>();
  expectTypeOf<library.Journal['list']>().returns.resolves.toEqualTypeOf<library.JournalListing>();
  expectTypeOf<library.JournalListing['entries']>().toEqualTypeOf<readonly library.JournalEntry[]>();
  expectTypeOf<library.JournalListing['unreadable']>().toEqualTypeOf<readonly library.UnreadableEntry[]>();
  expectTypeOf<library.JournalEntry>().toExtend<library.JournalClaim>();
});

test('what is read from one', () => {
  expectTypeOf<typeof library.readJournal>().toEqualTypeOf<
    (journal: library.Journal) => Promise<library.JournalContents>
  >();
  expectTypeOf<library.JournalContents['operations']>().toEqualTypeOf<readonly library.JournaledOperation[]>();
  expectTypeOf<library.JournaledOperation['record']>().toEqualTypeOf<library.JournalRecord>();
  expectTypeOf<library.JournalRecord['server']>().toEqualTypeOf<library.ServerReference>();
  expectTypeOf<library.JournaledOperation['owner']>().toEqualTypeOf<string | undefined>();
});

test('recovering is told what to do, and with what', () => {
  expectTypeOf(images.recover).toEqualTypeOf<(options?: library.RecoverOptions) => Promise<library.Recovery>>();
  expectTypeOf<library.RecoverOptions['policy']>().toEqualTypeOf<library.RecoverPolicy | undefined>();
  expectTypeOf<library.RecoverPolicy>().toEqualTypeOf<'attach' | 'cancel'>();
  expectTypeOf<library.RecoverOptions>().toExtend<library.AttachOptions>();
  expectTypeOf<library.AttachOptions>().toExtend<library.OperationOptions>();
  expectTypeOf<Exclude<keyof library.RecoverOptions, keyof library.OperationOptions>>().toEqualTypeOf<
    'policy' | 'limit' | 'filter' | 'storage'
  >();
  expectTypeOf<library.AttachOptions['storage']>().toEqualTypeOf<library.CloudStorage | undefined>();
});
