import type { JsonObject } from '../json.js';
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

/** 64-bit numbers are strings in Google's JSON, and those that are 0 are left out. */
function statsOf(items: Batch['record']['items']): JsonObject {
  const { total = 0, completed = 0, failed = 0 } = items ?? {};
  const stats = { successfulCount: completed, failedCount: failed, incompleteCount: total - completed - failed };
  return Object.fromEntries(Object.entries(stats).flatMap(([name, n]) => (n === 0 ? [] : [[name, String(n)]])));
}

const timestamp = (at: number): string => new Date(at).toISOString();
