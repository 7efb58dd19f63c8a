import { countsOf, timestamp, type JsonObject } from '../json.js';
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
