import { describe, expect, it } from 'vitest';
import { parseVertexBatch } from '../../../src/google/batches/parse-batch.js';
import { outputsElsewhere, outputsOfRows } from '../../../src/google/batches/results.js';
import { readRows } from '../../../src/google/batches/results.js';
import type { CloudStorage } from '../../../src/index.js';

const rowWith = (text: string, key?: unknown): Record<string, unknown> => ({
  ...(key === undefined ? {} : { key }),
  status: '',
  response: { candidates: [{ content: { parts: [{ text }] } }] },
});
const batchWith = (fields: object): ReturnType<typeof parseVertexBatch> =>
  parseVertexBatch({ name: 'batches/a', dest: { gcsUri: 'gs://b/out' }, ...fields });

describe('outputsOfRows()', () => {
  const succeeded = batchWith({ state: 'JOB_STATE_SUCCEEDED' });

  it.each([
    [
      ['b', 'a'],
      [1, 0],
      ['a', 'b'],
    ],
    [
      ['b', 'a'],
      ['10', '9'],
      ['a', 'b'],
    ],
    [
      ['b', 'a'],
      [1, undefined],
      ['b', 'a'],
    ],
    [
      ['b', 'a'],
      ['x', 'y'],
      ['b', 'a'],
    ],
    [
      ['b', 'a'],
      [undefined, undefined],
      ['b', 'a'],
    ],
  ])('puts %o with the keys %o in the order %o', (texts, keys, order) => {
    const rows = texts.map((text, index) => rowWith(text, keys[index]));
    expect(outputsOfRows(rows, succeeded)).toEqual(order.map((refusal) => ({ refusal })));
  });

  it('says of rows without a result that there is none, if the server says nothing', () => {
    expect(outputsOfRows([], succeeded)).toEqual([{ failure: 'The batch ended without a result for this row.' }]);
  });

  it.each([
    [undefined, 'not a JSON object'],
    [{ status: 'Bad Request: no' }, 'Bad Request: no'],
    [{ status: { code: 3, message: 'no' } }, 'no'],
    [{ status: '', response: {} }, 'no response'],
    [{}, 'no response'],
  ])('takes the row %o for a failure', (row, message) => {
    expect(outputsOfRows([row], succeeded)).toEqual([{ failure: expect.stringContaining(message) as string }]);
  });

  it.each([
    ['JOB_STATE_SUCCEEDED', {}, 1, []],
    ['JOB_STATE_SUCCEEDED', {}, 0, ['failure']],
    ['JOB_STATE_CANCELLED', {}, 1, ['cancelled']],
    [
      'JOB_STATE_CANCELLED',
      { completionStats: { successfulCount: '1', incompleteCount: '2' } },
      1,
      ['cancelled', 'cancelled'],
    ],
    ['JOB_STATE_CANCELLED', { completionStats: { successfulCount: '1' } }, 1, []],
    ['JOB_STATE_CANCELLED', { completionStats: { successfulCount: '1', incompleteCount: '-1' } }, 1, ['cancelled']],
    ['JOB_STATE_EXPIRED', {}, 1, ['failure']],
  ])('says what became of the rows without a result: %s %o', (state, stats, made, others) => {
    const rows = Array.from({ length: made }, () => rowWith('a'));
    const outputs = outputsOfRows(rows, batchWith({ state, ...stats }));
    expect(outputs.slice(made).flatMap(Object.keys)).toEqual(others);
  });
});

describe('the order of the rows', () => {
  const succeeded = batchWith({ state: 'JOB_STATE_SUCCEEDED' });
  const order = (...keys: unknown[]): unknown[] =>
    outputsOfRows(
      keys.map((key) => rowWith(`<${String(key)}>`, key)),
      succeeded,
    ).map((output) => 'refusal' in output && output.refusal);

  it.each([
    [
      ['5', ''],
      ['5', ''],
    ],
    [
      ['5', '-1'],
      ['5', '-1'],
    ],
    [
      ['1e1', '9'],
      ['1e1', '9'],
    ],
    [
      ['x', '0'],
      ['x', '0'],
    ],
    [
      [[9], [8]],
      ['9', '8'],
    ],
    [
      [1.5, 0],
      ['1.5', '0'],
    ],
    [
      [1, 'x'],
      ['1', 'x'],
    ],
    [
      [10, 9, '8'],
      ['8', '9', '10'],
    ],
  ])('with the keys %o is %o', (keys, texts) => {
    expect(order(...keys)).toEqual(texts.map((text) => `<${text}>`));
  });
});

describe('outputsElsewhere()', () => {
  it('names the place, if it is known', () => {
    const completionStats = { successfulCount: '1', failedCount: '1' };
    expect(outputsElsewhere(batchWith({ state: 'JOB_STATE_SUCCEEDED', completionStats }))).toEqual([
      { elsewhere: 'gs://b/out' },
      { failure: 'The row failed; gs://b/out may say why.' },
    ]);
    const nowhere = batchWith({ state: 'JOB_STATE_SUCCEEDED', dest: undefined });
    expect(outputsElsewhere(nowhere)).toEqual([{ elsewhere: 'an unknown place' }]);
  });

  it('has an entry also where nothing was counted but failures', () => {
    const completionStats = { failedCount: '2' };
    expect(outputsElsewhere(batchWith({ state: 'JOB_STATE_FAILED', completionStats }))).toHaveLength(2);
    expect(outputsElsewhere(batchWith({ state: 'JOB_STATE_FAILED', completionStats: {} }))).toHaveLength(1);
    const cancelled = batchWith({ state: 'JOB_STATE_CANCELLED', completionStats: {} });
    expect(outputsElsewhere(cancelled)).toEqual([{ cancelled: true }]);
  });

  it('goes by the counts, and without them by the state', () => {
    const completionStats = { successfulCount: '2', failedCount: '1', incompleteCount: '1' };
    const keysOf = (fields: object): string[] => outputsElsewhere(batchWith(fields)).flatMap(Object.keys);
    expect(keysOf({ state: 'JOB_STATE_CANCELLED', completionStats })).toEqual([
      'elsewhere',
      'elsewhere',
      'failure',
      'cancelled',
    ]);
    expect(keysOf({ state: 'JOB_STATE_CANCELLED' })).toEqual(['elsewhere', 'cancelled']);
    expect(keysOf({ state: 'JOB_STATE_SUCCEEDED' })).toEqual(['elsewhere']);
  });
});

describe('parseVertexBatch()', () => {
  it('takes nothing for an address that is longer than any', () => {
    expect(batchWith({ outputInfo: { gcsOutputDirectory: `gs://${'x'.repeat(5_000)}` } }).folder).toBeUndefined();
  });

  it.each([{ successfulCount: { valueOf: null, toString: null } }, { successfulCount: [7] }, { failedCount: 1e15 }])(
    'takes %o for no count',
    (completionStats) => {
      expect(batchWith({ completionStats }).counts).toBeUndefined();
    },
  );

  it.each([undefined, {}, { name: '' }])('refuses %o', (answer) => {
    expect(() => parseVertexBatch(answer)).toThrow('not a batch');
  });

  it('knows where the results are', () => {
    const outputInfo = { bigqueryOutputDataset: 'bq://p.d', bigqueryOutputTable: 'predictions_1' };
    expect(batchWith({ outputInfo }).results).toBe('bq://p.d.predictions_1');
    expect(batchWith({ outputInfo: { gcsOutputDirectory: 'gs://b/out/1' } }).results).toBe('gs://b/out/1');
    expect(batchWith({}).results).toBe('gs://b/out');
    expect(batchWith({ dest: { bigqueryUri: 'bq://p' } }).results).toBe('bq://p');
  });
});

describe('readRows()', () => {
  const storageWith = (files: Record<string, string>): CloudStorage => ({
    bucket: (bucket) => ({
      getFiles: ({ prefix }) =>
        Promise.resolve([
          Object.keys(files)
            .filter((uri) => uri.startsWith(`gs://${bucket}/${prefix}`))
            .map((uri) => ({ name: uri.replace(`gs://${bucket}/`, '') })),
        ]),
      file: (name) => ({
        download: () => Promise.resolve([new TextEncoder().encode(files[`gs://${bucket}/${name}`])]),
      }),
    }),
  });

  it('reads every file of predictions in the folder, and no other', async () => {
    const storage = storageWith({
      'gs://b/out/1/predictions_2.jsonl': '{"n":3}',
      'gs://b/out/1/predictions_1.jsonl': '{"n":1}\r\n  \nrubbish\n[]\n{"n":"ü"}\n',
      'gs://b/out/1/predictions.csv': 'n',
      'gs://b/out/1/errors.jsonl': '{"n":4}',
      'gs://b/out/10/predictions.jsonl': '{"n":5}',
    });
    // `[]` is an object as far as anyone can tell: a row without a response.
    const rows = [{ n: 1 }, undefined, [], { n: 'ü' }, { n: 3 }];
    expect(await readRows(storage, 'gs://b/out/1')).toEqual(rows);
    expect(await readRows(storage, 'gs://b/out/1/')).toEqual(rows);
  });

  it('reads a folder that is the bucket itself', async () => {
    expect(await readRows(storageWith({ 'gs://b/predictions.jsonl': '{}' }), 'gs://b')).toEqual([{}]);
  });
});
