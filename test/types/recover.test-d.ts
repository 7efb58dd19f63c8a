import { expectTypeOf, test } from 'vitest';
import type { Redis } from 'ioredis';
import type { Client, Pool } from 'pg';
import type { createClient } from 'redis';
import type * as library from '../../src/index.js';

declare const images: library.CancelableImages;

test('what is recovered is as much as its policy gives', () => {
  type Recovered<Policy> = Policy extends 'attach'
    ? library.AttachedOperation
    : Policy extends 'cancel'
      ? library.RecoveredByCancel
      : library.ListedOperation;
  const attach = (): Promise<library.Recovery<Recovered<'attach'>>> => images.recover({ policy: 'attach' });
  const cancel = (): Promise<library.Recovery<Recovered<'cancel'>>> => images.recover({ policy: 'cancel' });
  const list = (): Promise<library.Recovery> => images.recover({ policy: 'list' });
  expectTypeOf(attach).returns.resolves.toEqualTypeOf<library.Recovery<library.AttachedOperation>>();
  expectTypeOf(cancel).returns.resolves.toEqualTypeOf<library.Recovery<library.RecoveredByCancel>>();
  expectTypeOf(list).returns.resolves.toEqualTypeOf<library.Recovery>();
  expectTypeOf<library.ListedOperation>().not.toHaveProperty('operation');
});

test('attaching takes a name or a snapshot', () => {
  expectTypeOf<Parameters<typeof images.attach>[0]>().toEqualTypeOf<string | library.OperationSnapshot>();
  expectTypeOf<ReturnType<typeof images.attach>>().toEqualTypeOf<library.Operation>();
  expectTypeOf<library.JournalRecord>().toExtend<library.OperationSnapshot>();
});

test('the clients of the stores fit', () => {
  expectTypeOf<Redis>().toExtend<library.RedisClient>();
  expectTypeOf<ReturnType<typeof createClient>>().toExtend<library.RedisClient>();
  expectTypeOf<Pool>().toExtend<library.PostgresClient>();
  expectTypeOf<Client>().toExtend<library.PostgresClient>();
});
