import type { Batch } from '../batch/batch.js';
import { geminiBatch } from '../batch/gemini-resource.js';
import type { Answer, Call } from '../call.js';
import { googleError, jsonResponse, notFound } from '../errors.js';
import type { JsonObject } from '../json.js';
import { parseBatch } from './batch-request.js';
import { pageOf } from './page.js';

/** `POST …/models/{m}:batchGenerateContent`. The same request twice makes two batches. */
export function createBatch(call: Call): Answer {
  const { world, record, match } = call;
  const limit = world.settings.inlinedLimitBytes;
  if (record.bodyBytes > limit) {
    return () => googleError(400, `Request payload size exceeds the limit: ${limit} bytes.`);
  }
  const request = parseBatch(record.body);
  if (typeof request === 'string') return () => googleError(400, request);
  const name = `batches/${world.newBatchId()}`;
  const batch = world.startBatch({ ...request, name, model: match.model ?? '', host: 'gemini' }, call.target);
  call.note({ job: batch.record.name });
  return resourceAnswer(batch);
}

/** `GET …/batches/{id}` */
export function getBatch(call: Call): Answer {
  const batch = findBatch(call);
  if (batch === undefined) return notFound;
  return forbidden(call, batch) ?? resourceAnswer(batch);
}

/** `GET …/batches?pageSize=…&pageToken=…`, the newest first. */
export function listBatches(call: Call): Answer {
  const page = pageOf(call);
  if (typeof page === 'string') return () => googleError(400, page);
  const { batches, nextPageToken } = page;
  const body = { operations: batches.map(resourceOf), ...(nextPageToken !== undefined && { nextPageToken }) };
  return () => jsonResponse(body);
}

/** `POST …/batches/{id}:cancel` */
export function cancelBatch(call: Call): Answer {
  const batch = findBatch(call);
  if (batch === undefined) return notFound;
  const refusal = forbidden(call, batch) ?? refuseCancel(call, batch);
  if (refusal !== undefined) return refusal;
  batch.cancelSent = true;
  if (call.strike('cancel-ignored')) return done;
  batch.cancel(call.strike('cancel-lag')?.ms ?? 0);
  return call.strike('cancel-499') ? () => googleError(499, 'The operation was cancelled.') : done;
}

/** `DELETE …/batches/{id}`: the record goes, the work does not stop. */
export function removeBatch(call: Call): Answer {
  const batch = findBatch(call);
  if (batch === undefined) return notFound;
  batch.markDeleted();
  return done;
}

function findBatch(call: Call): Batch | undefined {
  const batch = call.world.findBatch(call.match);
  if (batch !== undefined) call.note({ job: batch.record.name });
  return batch;
}

const resourceOf = (batch: Batch): JsonObject => geminiBatch(batch);

/** The resource as it is now, whenever the answer goes out. */
function resourceAnswer(batch: Batch): Answer {
  const resource = resourceOf(batch);
  return () => jsonResponse(resource);
}

const done: Answer = () => jsonResponse({});

function forbidden(call: Call, batch: Batch): Answer | undefined {
  if (batch.ended || !call.strike('forbidden-while-running')) return undefined;
  return () => googleError(403, 'The caller does not have permission');
}

function refuseCancel({ world }: Call, batch: Batch): Answer | undefined {
  if (!batch.ended) return undefined;
  switch (world.settings.cancelAfterEnd) {
    case 200:
      return done;
    case 404:
      return notFound;
    case 409:
      return () => googleError(409, 'The batch is no longer running.');
    case 400:
      return () => googleError(400, 'The batch is not running.', { status: 'FAILED_PRECONDITION' });
  }
}
