import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { postgresJournal } from '../../src/journal/postgres.js';
import { readEntries, readJournal } from '../../src/journal/read.js';
import { parseRecord, recordText } from '../../src/journal/record.js';
import { redisJournal } from '../../src/journal/redis.js';
import { parseJobName } from '../../src/operation/job-name.js';
import { parseEntryFile } from '../../src/node/journal/entry-name.js';
import { readArguments } from '../../src/cli/arguments.js';
import { CliFailure } from '../../src/cli/failure.js';
import { jsonText, rubbish } from './arbitraries/json.js';
import { arena } from './arena.js';
import { editJson } from './edit.js';
import { watchTheRealm } from './pollution.js';
import { PROPERTY_TIMEOUT_MS, runs } from './property.js';
import { PROMPT } from './secrets.js';

/** A record as the library writes it. */
const RECORD = recordText({
  version: 1,
  id: '0123456789abcdef0123456789abcdef',
  tag: 'a tag',
  backend: 'interactions',
  model: 'gemini-3.1-flash-image',
  server: { vertexai: false, origin: 'https://generativelanguage.googleapis.com' },
  startedAt: 1,
  jobs: [
    { index: 0, backend: 'interactions', name: 'interactions/abc', state: 'running', lastStatus: 'in_progress' },
    {
      index: 1,
      indices: [1, 2],
      backend: 'batches',
      displayName: `genai-cancel-${'0'.repeat(32)}`,
      createdTwice: true,
      state: 'unknown',
    },
  ],
  writtenAt: 2,
  prompts: [PROMPT],
  detachedAt: 3,
  reportedAt: 4,
});

const edit = fc
  .record({ kind: fc.constantFrom('replace' as const, 'repeat' as const), at: fc.nat(60), text: jsonText })
  .map((one) => editJson(RECORD, [one]));
const recordLike = fc.oneof(
  { weight: 4, arbitrary: edit },
  { weight: 1, arbitrary: rubbish },
  { weight: 1, arbitrary: fc.nat(RECORD.length).map((length) => RECORD.slice(0, length)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      `\ufeff${RECORD}`,
      `${RECORD}${RECORD}`,
      RECORD.replace('interactions/abc', 'interactions/../x'),
    ),
  },
);

function attempt<T>(read: () => T): T | Error {
  try {
    return read();
  } catch (error) {
    return error as Error;
  }
}

/** Words that are part of a path, or would like to be. */
const nameLike = fc.oneof(
  fc.string({
    unit: fc.constantFrom(
      'a',
      '/',
      '.',
      '..',
      '\\',
      '\u0000',
      '%2e',
      ' ',
      '\n',
      'interactions',
      'batches',
      'projects',
      ':',
      '?',
      '#',
      '-',
      '{',
      '"',
      ';',
      '$(',
      '`',
    ),
  }),
  fc.string().map((id) => `interactions/${id}`),
  fc.string().map((id) => `batches/${id}`),
);

describe('what was written down somewhere', () => {
  watchTheRealm();

  it(
    'is a record or says what is wrong with it, without quoting it',
    () =>
      fc.assert(
        fc.property(recordLike, (text) => {
          const record = attempt(() => parseRecord(text));
          if (record instanceof Error) {
            expect([TypeError, SyntaxError]).toContain(record.constructor);
            expect(record.message).toMatch(/^Expected `record|^It is not JSON/);
            expect(record.message.length).toBeLessThan(600);
            expect(record.message).not.toContain(PROMPT.slice(0, 20));
            return;
          }
          expect(recordText(parseRecord(recordText(record)))).toBe(recordText(record));
          expect(Object.getPrototypeOf(record)).toBe(Object.prototype);
          for (const { name } of record.jobs) expect(name === undefined || parseJobName(name) !== undefined).toBe(true);
        }),
        runs(1_500),
      ),
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'is attached to only if it is a snapshot, and makes no request elsewhere',
    () =>
      fc.assert(
        fc.asyncProperty(edit, async (text) => {
          const { images, server, clock } = arena([]);
          const paths: string[] = [];
          try {
            const operation = images.attach(JSON.parse(text) as never, { timeoutMs: 1_000 });
            operation.on('warning', () => undefined);
            operation.result().catch(() => undefined);
            await clock.advance(10);
            void operation.cancel();
            await clock.advance(5_000);
            paths.push(...operation.jobs.map(({ name }) => name ?? ''));
          } catch (error) {
            expect(error).toBeInstanceOf(TypeError);
            expect((error as Error).message).toMatch(/^Expected `|is a batch of Vertex/);
          }
          for (const { route } of server.served)
            expect(['get', 'stream', 'cancel', 'batch-get', 'batch-list', 'batch-cancel']).toContain(route);
          for (const path of paths) expect(path).not.toContain('..');
        }),
        runs(60),
      ),
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'is not the name of a job if it could be the path of something else',
    () =>
      fc.assert(
        fc.property(nameLike, (text) => {
          const name = parseJobName(text);
          if (name === undefined) return;
          const { pathname, search, hash } = new URL(`https://host/v1/${text}`);
          expect([pathname, search, hash]).toEqual([`/v1/${text}`, '', '']);
        }),
        runs(2_000),
      ),
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'is not the name of an entry if it could be the path of something else',
    () =>
      fc.assert(
        fc.property(
          fc.oneof(
            nameLike,
            nameLike.map((id) => `${id}.1.free.json`),
          ),
          (file) => {
            const entry = parseEntryFile(file);
            if (entry !== undefined) expect(file).toMatch(/^[0-9a-z-]+\.\d+\.[0-9a-z-]+\.json$/);
          },
        ),
        runs(2_000),
      ),
    PROPERTY_TIMEOUT_MS,
  );
});

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
      orphan: fc.boolean(),
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
          for (const { problem } of unreadable) expect(problem.length).toBeLessThan(600);
        }),
        runs(400),
      ),
    PROPERTY_TIMEOUT_MS,
  );
});

describe('the command line', () => {
  watchTheRealm();

  const words = fc.constantFrom(
    ...[
      'generate',
      'attach',
      'cancel',
      'list',
      'recover',
      'forget',
      '--help',
      '--out',
      '--journal',
      '--number',
      '-n',
      '--seed',
    ],
    ...[
      '--timeout',
      '--emulator-seconds',
      '--emulator',
      '--json',
      '--tag',
      '--model',
      '--',
      '-',
      '',
      '=',
      '--out=',
      '--__proto__',
    ],
    ...[
      '--constructor=1',
      '__proto__',
      '-1',
      '1e9',
      '9'.repeat(400),
      '../..',
      'interactions/../x',
      'batches/a',
      PROMPT,
    ],
  );

  it(
    'is a command or a failure that does not repeat the prompt',
    () =>
      fc.assert(
        fc.property(fc.array(fc.oneof(words, fc.string()), { maxLength: 6 }), (args) => {
          const command = attempt(() => readArguments(args));
          if (!(command instanceof Error)) return;
          expect(command).toBeInstanceOf(CliFailure);
          expect(command.message).not.toContain(PROMPT);
        }),
        runs(2_000),
      ),
    PROPERTY_TIMEOUT_MS,
  );
});
