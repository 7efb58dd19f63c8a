import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRecord, recordText } from '../../src/journal/record.js';
import { parseJobName } from '../../src/api/job-name.js';
import { parseEntryFile } from '../../src/node/journal/entries.js';
import { arena } from './arena.js';
import { editedRecord, RECORD, recordLike } from './arbitraries/record.js';
import { attempt } from './attempt.js';
import { watchTheRealm } from './pollution.js';
import { PROPERTY_TIMEOUT_MS, runs } from './property.js';
import { PROMPT } from './secrets.js';

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
          for (const key of Object.keys(record)) expect(Object.keys(JSON.parse(RECORD) as object)).toContain(key);
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
        fc.asyncProperty(editedRecord, async (text) => {
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
