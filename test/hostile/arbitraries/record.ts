import fc from 'fast-check';
import { recordText } from '../../../src/journal/record.js';
import { editJson } from '../edit.js';
import { fieldName, jsonText, rubbish } from './json.js';

/** A record as the library writes it. */
export const RECORD = recordText({
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
      state: 'unknown',
    },
  ],
  writtenAt: 2,
  detachedAt: 3,
});

const at = fc.nat(60);

/** One with a single change. */
export const editedRecord: fc.Arbitrary<string> = fc
  .oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constantFrom('replace' as const, 'repeat' as const), at, text: jsonText }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('add' as const), at: fc.constant(0), name: fieldName, text: jsonText }),
    },
  )
  .map((one) => editJson(RECORD, [one]));

/** Texts that may stand in the place of a record. */
export const recordLike = fc.oneof(
  { weight: 4, arbitrary: editedRecord },
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
