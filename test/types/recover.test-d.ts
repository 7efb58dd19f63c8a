import { expectTypeOf, test } from 'vitest';
import type { Redis } from 'ioredis';
import type { Client, Pool } from 'pg';
import type { createClient } from 'redis';
import type * as library from '../../src/index.js';

type Attach = library.CancelableImages['attach'];

test('a recovery has handles, reports of what was cancelled, and reasons for the rest', () => {
  expectTypeOf<library.Recovery>().toEqualTypeOf<{
    readonly operations: readonly library.RecoveredOperation[];
    readonly skipped: readonly library.SkippedOperation[];
    readonly unreadable: readonly library.UnreadableEntry[];
  }>();
  expectTypeOf<library.RecoveredOperation>().toEqualTypeOf<{
    readonly id: string;
    readonly tag?: string;
    readonly operation: library.Operation;
    readonly report?: library.CancelReport;
  }>();
  expectTypeOf<library.SkippedOperation>().toEqualTypeOf<{
    readonly id: string;
    readonly tag?: string;
    readonly reason: library.SkipReason;
  }>();
});

test('each reason has its name, and no other', () => {
  expectTypeOf<library.SkipReason>().toEqualTypeOf<
    'detached' | 'other-server' | 'in-doubt' | 'lost' | 'expired' | 'needs-storage' | 'claimed'
  >();
});

test('attaching takes a name or a snapshot', () => {
  expectTypeOf<Parameters<Attach>[0]>().toEqualTypeOf<string | library.OperationSnapshot>();
  expectTypeOf<ReturnType<Attach>>().toEqualTypeOf<library.Operation>();
  expectTypeOf<library.JournalRecord>().toExtend<library.OperationSnapshot>();
});

test('the clients of the stores fit', () => {
  expectTypeOf<Redis>().toExtend<library.RedisClient>();
  expectTypeOf<ReturnType<typeof createClient>>().toExtend<library.RedisClient>();
  expectTypeOf<Pool>().toExtend<library.PostgresClient>();
  expectTypeOf<Client>().toExtend<library.PostgresClient>();
});
