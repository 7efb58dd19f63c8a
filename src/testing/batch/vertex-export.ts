import type { Bucket } from '../bucket.js';
import { contentResponse } from '../content-response.js';
import type { JsonObject } from '../json.js';
import type { Batch } from './batch.js';
import type { BatchItem } from './batch-item.js';

/** Writes what is finished where the job's creator wanted it: all of it at the end, the completed rows after a cancel. */
export function exportRows(batch: Batch, bucket: Bucket, prefix: string): void {
  if (batch.record.endReason === 'failed') return;
  const rows = batch.items.filter(({ state }) => state === 'completed' || state === 'failed').map(rowOf);
  if (rows.length === 0) return;
  const directory = `${prefix.replace(/\/+$/, '')}/${directoryName(batch)}`;
  bucket.put(`${directory}/predictions.jsonl`, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  batch.outputInfo = { gcsOutputDirectory: directory };
}

/** The row that was read, with what came of it. An error is told by `status`, which is empty when there is none. */
function rowOf({ spec, error, job, endedAt = 0 }: BatchItem): JsonObject {
  return {
    ...spec.source,
    status: error === undefined ? '' : `Error ${error.code}: ${error.message}`,
    processed_time: new Date(endedAt).toISOString(),
    response: error === undefined && job ? contentResponse(job) : {},
  };
}

/** `prediction-model-2026-11-01T00:00:00.000001Z`: microseconds, which keep the jobs of one millisecond apart. */
function directoryName({ record }: Batch): string {
  const time = new Date(record.startedAt ?? record.createdAt).toISOString().slice(0, -1);
  return `prediction-model-${time}${String(record.index % 1000).padStart(3, '0')}Z`;
}
