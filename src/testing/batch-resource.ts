import { countItems, type Batch, type BatchItem, type RpcStatus } from './batch.js';
import { rpcCode } from './errors.js';
import { contentResponse, failureOf } from './job-resource.js';
import { countsOf, timestamp, type JsonObject } from './json.js';
import type { Bucket } from './storage.js';

const TYPES = 'type.googleapis.com/google.ai.generativelanguage.v1main';

export const resultLines = ({ items }: Batch): string =>
  jsonLines(items.map((item) => ({ ...resultOf(item), key: item.source['key'] })));

const jsonLines = (rows: readonly JsonObject[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** Makes a google.longrunning.Operation. One that goes on has no `done`, and one in a list no inlined results. */
export function geminiBatch(batch: Batch, isListed = false): JsonObject {
  const { spec, record, updatedAt, error, ended, hasResults, responsesFile } = batch;
  const { total, completed, failed, cancelled } = countItems(batch.items);
  const output = hasResults && !(isListed && responsesFile === undefined) ? outputOf(batch) : undefined;
  const metadata = {
    '@type': `${TYPES}.GenerateContentBatch`,
    model: `models/${spec.model}`,
    displayName: spec.displayName,
    output,
    createTime: timestamp(record.createdAt),
    endTime: timestamp(record.endedAt),
    updateTime: timestamp(updatedAt),
    batchStats: countsOf({
      requestCount: total,
      successfulRequestCount: completed,
      failedRequestCount: failed + cancelled,
      pendingRequestCount: total - completed - failed - cancelled,
    }),
    state: record.status,
    name: spec.name,
  };
  const response = { '@type': `${TYPES}.GenerateContentBatchOutput`, ...output };
  return { name: spec.name, metadata, done: ended || undefined, error, ...(hasResults && { response }) };
}

function outputOf({ items, responsesFile }: Batch): JsonObject {
  if (responsesFile !== undefined) return { responsesFile };
  const inlinedResponses = items.map((item) => ({ ...resultOf(item), metadata: item.source['metadata'] }));
  return { inlinedResponses: { inlinedResponses } };
}

function resultOf(item: BatchItem): JsonObject {
  const error = errorOf(item);
  return error === undefined && item.job ? { response: contentResponse(item.job) } : { error };
}

function errorOf({ state, outcome, request }: BatchItem): RpcStatus | undefined {
  if (state === 'cancelled') return { code: 1, message: 'The operation was cancelled.' };
  if (state !== 'failed') return undefined;
  if (typeof request === 'string') return { code: 3, message: request };
  const { code, message } = failureOf({ outcome }, 'internal');
  return { code: rpcCode(code), message };
}

export function vertexJob({ spec, record, error, outputInfo, updatedAt, items }: Batch): JsonObject {
  const { total, completed, failed } = countItems(items);
  const stats = { successfulCount: completed, failedCount: failed, incompleteCount: total - completed - failed };
  return {
    name: spec.name,
    displayName: spec.displayName,
    ...spec.echo,
    state: record.status,
    error,
    createTime: timestamp(record.createdAt),
    startTime: timestamp(record.startedAt),
    endTime: timestamp(record.endedAt),
    updateTime: timestamp(updatedAt),
    outputInfo,
    completionStats: record.startedAt === undefined ? undefined : countsOf(stats),
  };
}

/** Writes what is finished where the job's creator wanted it: all of it at the end, the completed rows after a cancel. */
export function exportRows(batch: Batch, bucket: Bucket, prefix: string): void {
  if (batch.record.endReason === 'failed') return;
  const rows = batch.items.filter(({ state }) => state === 'completed' || state === 'failed').map(rowOf);
  if (rows.length === 0) return;
  const directory = `${prefix.replace(/\/+$/, '')}/${directoryName(batch)}`;
  bucket.put(`${directory}/predictions.jsonl`, jsonLines(rows));
  batch.outputInfo = { gcsOutputDirectory: directory };
}

/** The row that was read, with what came of it. An error is told by `status`, which is empty when there is none. */
function rowOf(item: BatchItem): JsonObject {
  const error = errorOf(item);
  return {
    ...item.source,
    status: error === undefined ? '' : `Error ${error.code}: ${error.message}`,
    processed_time: timestamp(item.endedAt),
    response: resultOf(item)['response'] ?? {},
  };
}

/** `prediction-model-2026-11-01T00:00:00.000001Z`: microseconds, which keep the jobs of one millisecond apart. */
function directoryName({ record }: Batch): string {
  const time = new Date(record.startedAt ?? record.createdAt).toISOString().slice(0, -1);
  return `prediction-model-${time}${String(record.index % 1000).padStart(3, '0')}Z`;
}
