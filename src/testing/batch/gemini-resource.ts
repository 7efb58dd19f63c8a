import { contentResponse } from '../content-response.js';
import type { JsonObject } from '../json.js';
import type { Batch } from './batch.js';
import type { BatchItem } from './batch-item.js';

const TYPES = 'type.googleapis.com/google.ai.generativelanguage.v1main';

/** A Gemini batch as GET answers it: a google.longrunning.Operation. One that goes on has no `done`. */
export function geminiBatch(batch: Batch): JsonObject {
  const { error, ended, hasResults } = batch;
  const output = hasResults ? outputOf(batch) : undefined;
  return {
    name: batch.spec.name,
    metadata: metadataOf(batch, output),
    ...(ended && { done: true }),
    ...(error && { error }),
    ...(output && { response: { '@type': `${TYPES}.GenerateContentBatchOutput`, ...output } }),
  };
}

function metadataOf({ spec, record, updatedAt }: Batch, output: JsonObject | undefined): JsonObject {
  return {
    '@type': `${TYPES}.GenerateContentBatch`,
    model: `models/${spec.model}`,
    ...(spec.displayName !== undefined && { displayName: spec.displayName }),
    ...(output && { output }),
    createTime: timestamp(record.createdAt),
    ...(record.endedAt !== undefined && { endTime: timestamp(record.endedAt) }),
    updateTime: timestamp(updatedAt),
    batchStats: statsOf(record.items),
    state: record.status,
    name: spec.name,
  };
}

/** 64-bit numbers are strings in Google's JSON, and those that are 0 are left out. */
function statsOf(items: Batch['record']['items']): JsonObject {
  const { total = 0, completed = 0, failed = 0, cancelled = 0 } = items ?? {};
  const stats = {
    requestCount: total,
    successfulRequestCount: completed,
    failedRequestCount: failed + cancelled,
    pendingRequestCount: total - completed - failed - cancelled,
  };
  return Object.fromEntries(Object.entries(stats).flatMap(([name, n]) => (n === 0 ? [] : [[name, String(n)]])));
}

function outputOf({ items }: Batch): JsonObject {
  return { inlinedResponses: { inlinedResponses: items.map(inlinedResponse) } };
}

function inlinedResponse({ spec, error, job }: BatchItem): JsonObject {
  const { metadata } = spec.source;
  return {
    ...(error && { error }),
    ...(error === undefined && job && { response: contentResponse(job) }),
    ...(metadata !== undefined && { metadata }),
  };
}

const timestamp = (at: number): string => new Date(at).toISOString();
