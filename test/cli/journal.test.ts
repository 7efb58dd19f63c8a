import { describe, expect, test } from 'vitest';
import { doubtTexts, operationLine, unreadableLine } from '../../src/cli/journal.js';
import type { JobReference, JournaledOperation, JournalRecord } from '../../src/exports.js';

const NOW = 10 * 86_400_000;
const DISPLAY_NAME = `genai-cancel-${'0'.repeat(32)}`;

function operationOf(record: Partial<JournalRecord>, rest: Partial<JournaledOperation> = {}): JournaledOperation {
  return {
    id: '0a1b2c3d',
    record: {
      version: 1,
      id: '0a1b2c3d',
      backend: 'interactions',
      model: 'm',
      server: { vertexai: false },
      startedAt: NOW - 61_000,
      writtenAt: NOW,
      jobs: [],
      ...record,
    },
    isOrphan: true,
    renewedAt: NOW,
    inDoubt: [],
    ...rest,
  };
}

const job = (rest: Partial<JobReference>): JobReference => ({
  index: 0,
  backend: 'interactions',
  state: 'submitting',
  ...rest,
});

test('an operation is one line: whose it is, what it is, and its jobs', () => {
  const jobs = [job({ name: 'interactions/a' }), job({ name: 'interactions/b' }), job({ state: 'waiting' })];
  const operation = operationOf({ tag: 'order 7', jobs }, { owner: 'pid 1 on box', isOrphan: false });
  expect(operationLine(operation, NOW)).toBe(
    '0a1b2c3d  1 min  its process lives (pid 1 on box)  m  order 7  interactions/a interactions/b',
  );
});

test('one that was released has no owner, and one that was detached is there on purpose', () => {
  expect(operationLine(operationOf({}), NOW)).toBe('0a1b2c3d  1 min  left behind  m');
  expect(operationLine(operationOf({ detachedAt: 1 }), NOW)).toBe('0a1b2c3d  1 min  left on purpose  m');
});

test.each([
  [-5_000, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [3_599_999, '59 min'],
  [7_200_000, '2 h'],
  [86_400_000 * 3, '3 d'],
])('an age of %i ms is %s', (ms, text) => {
  expect(operationLine(operationOf({ startedAt: NOW - ms }), NOW)).toContain(`  ${text}  `);
});

describe('what is in doubt', () => {
  test('is said plainly, a batch with what to look for', () => {
    const inDoubt = [
      job({}),
      job({}),
      job({ backend: 'batches', displayName: DISPLAY_NAME }),
      job({ backend: 'models', state: 'running' }),
    ];
    expect(doubtTexts(inDoubt)).toEqual([
      'in doubt: 2 × a job that may be running, whose name was never received',
      `in doubt: a batch that may be running, to be looked for by its display name ${DISPLAY_NAME}`,
      'in doubt: a request that may have been carried out, and cannot be found again',
    ]);
  });

  test('ends the line of its operation', () => {
    expect(operationLine(operationOf({}, { inDoubt: [job({})] }), NOW)).toMatch(/ {2}m {2}in doubt: a job /);
  });
});

test('what is unreadable is told with where it is', () => {
  expect(unreadableLine({ place: '/j/a.json', problem: 'It is empty.' }, '/j')).toBe(
    'Unreadable: /j/a.json: It is empty.',
  );
  expect(unreadableLine({ place: '0a1b', problem: 'It is not JSON.' }, '/j')).toBe(
    'Unreadable: 0a1b in /j: It is not JSON.',
  );
});
