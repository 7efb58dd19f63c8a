import { describe, expect, it } from 'vitest';
import { commonStatusOf, parseVertexBatch, totalOf } from '../../../src/google/batches/parse-batch.js';
import { MalformedAnswerError } from '../../../src/google/failures.js';

const NAME = 'projects/p/locations/l/batchPredictionJobs/1';
const parse = (fields: object): ReturnType<typeof parseVertexBatch> => parseVertexBatch({ name: NAME, ...fields });

describe('parseVertexBatch()', () => {
  it.each([undefined, null, 'text', {}, { name: '' }, { name: 7 }])('refuses %o', (answer) => {
    expect(() => parseVertexBatch(answer)).toThrow(MalformedAnswerError);
    expect(() => parseVertexBatch(answer)).toThrow('not a batch: it has no name');
  });

  it('refuses a name that cannot be one', () => {
    expect(() => parseVertexBatch({ name: 'batches/../x' })).toThrow(
      'The answer is not a batch: "batches/../x" is not the name of one.',
    );
  });

  it('takes no address for one that is longer than any', () => {
    const at = (length: number): unknown => parse({ dest: { gcsUri: 'x'.repeat(length) } }).results;
    expect([at(2_048), at(2_049)]).toEqual(['x'.repeat(2_048), undefined]);
  });

  it('reads a batch of which the server tells nothing yet', () => {
    expect(parse({})).toStrictEqual({
      id: NAME,
      status: 'JOB_STATE_UNSPECIFIED',
      phase: 'unknown',
      counts: undefined,
      folder: undefined,
      isWritten: false,
    });
    expect(commonStatusOf(parse({ state: 'JOB_STATE_RUNNING' }))).toStrictEqual({
      id: NAME,
      status: 'JOB_STATE_RUNNING',
      phase: 'running',
    });
  });

  it('reads one that has written its results', () => {
    const batch = parse({
      state: 'JOB_STATE_FAILED',
      error: { message: 'Out of paint.' },
      completionStats: { successfulCount: '1', failedCount: '2', incompleteCount: '4' },
      outputInfo: { gcsOutputDirectory: 'gs://b/out/1' },
      dest: { gcsUri: 'gs://b/out' },
    });
    expect(batch).toMatchObject({ folder: 'gs://b/out/1', isWritten: true, results: 'gs://b/out/1' });
    expect(commonStatusOf(batch)).toStrictEqual({
      id: NAME,
      status: 'JOB_STATE_FAILED',
      phase: 'failed',
      message: 'Out of paint.',
      results: 'gs://b/out/1',
      progress: { completed: 1, total: 7 },
    });
  });

  it.each([
    [{}, { succeeded: 0, failed: 0, left: 0 }],
    [{ failedCount: 3 }, { succeeded: 0, failed: 3, left: 0 }],
    [{ failedCount: 1_000_000 }, { succeeded: 0, failed: 1_000_000, left: 0 }],
    [{ failedCount: 1_000_000, incompleteCount: 1 }, undefined],
    [{ successfulCount: true }, undefined],
    [{ successfulCount: '-1' }, undefined],
    [{ incompleteCount: '1.5' }, undefined],
    [{ failedCount: 'many' }, undefined],
    [{ failedCount: '9007199254740993' }, undefined],
    [null, undefined],
    ['text', undefined],
  ])('counts the rows by %o', (completionStats, counts) => {
    expect(parse({ completionStats }).counts).toEqual(counts);
    if (counts !== undefined) expect(totalOf(counts)).toBe(counts.failed);
  });

  it.each([
    [{ bigqueryOutputDataset: 'bq://p.d', bigqueryOutputTable: 't' }, 'bq://p.d.t', true],
    [{ bigqueryOutputDataset: 'bq://p.d' }, 'bq://p', false],
    [{ bigqueryOutputTable: 't' }, 'bq://p', false],
    [{ gcsOutputDirectory: '' }, 'bq://p', false],
    [{ gcsOutputDirectory: 7 }, 'bq://p', false],
    ['text', 'bq://p', false],
  ])('knows by %o where the results are', (outputInfo, results, isWritten) => {
    expect(parse({ outputInfo, dest: { bigqueryUri: 'bq://p' } })).toMatchObject({ results, isWritten });
  });
});
