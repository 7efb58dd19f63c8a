import { contentResponse } from '../content-response.js';
import { countsOf, timestamp, type JsonObject } from '../json.js';
import type { Batch } from './batch.js';
import type { BatchItem } from './batch-item.js';

const TYPES = 'type.googleapis.com/google.ai.generativelanguage.v1main';

/** Makes a Gemini batch as GET answers it: a google.longrunning.Operation. One that goes on has no `done`. */
export function geminiBatch(batch: Batch): JsonObject {
  return operationOf(batch, batch.hasResults ? outputOf(batch) : undefined);
}

/** Makes the same for a list, which has no inlined results. */
export function listedBatch(batch: Batch): JsonObject {
  return operationOf(batch, batch.responsesFile === undefined ? undefined : outputOf(batch));
}

/** Makes the results file of a batch that was made from a file: one JSON object a line. */
export const resultLines = ({ items }: Batch): string =>
  items.map((item) => `${JSON.stringify({ ...resultOf(item), key: item.spec.source['key'] })}\n`).join('');

function operationOf(batch: Batch, output: JsonObject | undefined): JsonObject {
  const { error, ended, hasResults } = batch;
  return {
    name: batch.spec.name,
    metadata: metadataOf(batch, output),
    ...(ended && { done: true }),
    ...(error && { error }),
    ...(hasResults && { response: { '@type': `${TYPES}.GenerateContentBatchOutput`, ...output } }),
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

function statsOf(items: Batch['record']['items']): JsonObject {
  const { total = 0, completed = 0, failed = 0, cancelled = 0 } = items ?? {};
  return countsOf({
    requestCount: total,
    successfulRequestCount: completed,
    failedRequestCount: failed + cancelled,
    pendingRequestCount: total - completed - failed - cancelled,
  });
}

function outputOf({ items, responsesFile }: Batch): JsonObject {
  if (responsesFile !== undefined) return { responsesFile };
  const inlinedResponses = items.map((item) => {
    const { metadata } = item.spec.source;
    return { ...resultOf(item), ...(metadata !== undefined && { metadata }) };
  });
  return { inlinedResponses: { inlinedResponses } };
}

const resultOf = ({ error, job }: BatchItem): JsonObject => ({
  ...(error && { error }),
  ...(error === undefined && job && { response: contentResponse(job) }),
});
