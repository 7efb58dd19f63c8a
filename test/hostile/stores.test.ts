import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { postgresJournal } from '../../src/journal/postgres/postgres-journal.js';
import { readEntries, readJournal } from '../../src/journal/read.js';
import { redisJournal } from '../../src/journal/redis/redis-journal.js';
import { jsonText } from './arbitraries/json.js';
import { RECORD, recordLike } from './arbitraries/record.js';
import { watchTheRealm } from './pollution.js';
import { PROPERTY_TIMEOUT_MS, runs } from './property.js';

const answer: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 2, arbitrary: jsonText.map((text) => JSON.parse(text) as unknown) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(undefined, 0n, 7n, Symbol.iterator, new Uint8Array([255, 0]), () => 0),
  },
  {
    weight: 2,
    arbitrary: fc.array(
      fc.oneof(
        jsonText.map((text) => JSON.parse(text) as unknown),
        fc.constantFrom<unknown>('0', '5', 1_700_000_000_000, 'id', '1 2 3 ', '1 1 99 me', RECORD),
      ),
      { maxLength: 8 },
    ),
  },
);

describe('stores that are not what they should be', () => {
  watchTheRealm();

  it(
    'Redis: an answer is understood, or says that it was not',
    () =>
      fc.assert(
        fc.asyncProperty(answer, async (given) => {
          let asked = 0;
          // A server that always has one more page is a store that does not answer; that is the client's to bound.
          const call = (): Promise<unknown> =>
            asked++ > 20 ? Promise.reject(new Error('enough')) : Promise.resolve(given);
          const journal = redisJournal({ call });
          const claim = { id: 'a', fence: 1 };
          const calls = [
            () => journal.add('a', 'text'),
            () => journal.renew(claim),
            () => journal.remove(claim),
            () => readEntries(journal),
          ];
          for (const each of calls) {
            await each().catch((error: unknown) => {
              expect((error as Error).message).toMatch(
                /from Redis, got something else|enough|There is an entry a already/,
              );
            });
          }
        }),
        runs(600),
      ),
    PROPERTY_TIMEOUT_MS,
  );

  const row = fc.oneof(
    fc.record({ id: answer, text: answer, fence: answer, owner: answer, orphan: answer, renewed: answer }),
    fc.record({
      id: fc.constant('0123456789abcdef0123456789abcdef'),
      text: recordLike,
      fence: fc.constantFrom(1, -1, Infinity, Number.NaN),
      owner: fc.constantFrom(null, '', 'me', 7),
      orphan: fc.constantFrom<unknown>(true, false, 1, null, 't'),
      renewed: fc.constantFrom(1, -1, Number.NaN, '1'),
    }),
  );

  it(
    'PostgreSQL: a row is an entry, or named and left alone',
    () =>
      fc.assert(
        fc.asyncProperty(fc.array(row, { maxLength: 4 }), async (rows) => {
          const journal = postgresJournal({ query: () => Promise.resolve({ rows }) });
          const { operations, unreadable } = await readJournal(journal);
          expect(operations.length + unreadable.length).toBe(rows.length);
          for (const { isOrphan, id } of operations)
            expect([typeof isOrphan, typeof id]).toEqual(['boolean', 'string']);
          for (const { problem } of unreadable) expect(problem.length).toBeLessThan(600);
        }),
        runs(400),
      ),
    PROPERTY_TIMEOUT_MS,
  );
});
