import { describe, expect, it } from 'vitest';
import { parseVertexBatch } from '../../../src/google/batches/parse-batch.js';
import { StoredResults } from '../../../src/google/batches/results.js';
import { FailureReader } from '../../../src/google/failures.js';
import type { JobStatus } from '../../../src/google/port.js';
import type { GenAIClient } from '../../../src/google/sdk.js';

const failures = new FailureReader({} as GenAIClient, []);
const statusOf = (state: string, fields: object): JobStatus =>
  new StoredResults(undefined, failures).statusOf(
    parseVertexBatch({ name: 'projects/p/locations/l/batchPredictionJobs/1', state, ...fields }),
  );
const written = { outputInfo: { gcsOutputDirectory: 'gs://b/1' } };

describe('a batch on Vertex, without a storage', () => {
  it.each([
    ['JOB_STATE_SUCCEEDED', {}, 'succeeded'],
    ['JOB_STATE_RUNNING', written, 'running'],
    ['JOB_STATE_CANCELLED', written, 'succeeded'],
    ['JOB_STATE_FAILED', written, 'succeeded'],
    ['JOB_STATE_FAILED', { ...written, completionStats: { successfulCount: '1' } }, 'succeeded'],
    ['JOB_STATE_FAILED', { ...written, completionStats: { failedCount: '1' } }, 'failed'],
    ['JOB_STATE_CANCELLED', {}, 'cancelled'],
  ])('that is %s with %o is %s', (state, fields, phase) => {
    const status = statusOf(state, fields);
    expect([status.phase, 'outputs' in status]).toEqual([phase, phase === 'succeeded']);
  });
});
