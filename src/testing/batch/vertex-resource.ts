import { contentResponse } from '../content-response.js';
import { countsOf, timestamp, type JsonObject } from '../json.js';
import type { Bucket } from '../storage.js';
import type { BatchItem } from './batch-item.js';
import type { Batch } from './batch.js';

/** A BatchPredictionJob as GET answers it. */
export function vertexJob({ spec, record, error, outputInfo, updatedAt }: Batch): JsonObject {
  return {
    name: spec.name,
    displayName: spec.displayName,
    ...spec.echo,
    state: record.status,
    ...(error && { error }),
    createTime: timestamp(record.createdAt),
    ...(record.startedAt !== undefined && { startTime: timestamp(record.startedAt) }),
    ...(record.endedAt !== undefined && { endTime: timestamp(record.endedAt) }),
    updateTime: timestamp(updatedAt),
    ...(outputInfo && { outputInfo }),
    ...(record.startedAt !== undefined && { completionStats: statsOf(record.items) }),
  };
}

function statsOf(items: Batch['record']['items']): JsonObject {
  const { total = 0, completed = 0, failed = 0 } = items ?? {};
  return countsOf({ successfulCount: completed, failedCount: failed, incompleteCount: total - completed - failed });
}

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
