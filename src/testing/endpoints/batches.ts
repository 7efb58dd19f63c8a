import type { Batch } from '../batch/batch.js';
import { geminiBatch, listedBatch, resultLines } from '../batch/gemini-resource.js';
import { exportRows, vertexJob } from '../batch/vertex-resource.js';
import type { Answer, Call } from '../call.js';
import { cancelTooLate, failedPrecondition, googleError, jsonResponse, notFound } from '../errors.js';
import type { FileStore } from '../storage.js';
import type { JsonObject } from '../json.js';
import { parseBatch, parseJob } from './batch-request.js';
import { pageOf, parseFilter } from './page.js';

/** A batch of the Gemini API, or a batchPredictionJob of Vertex. */
export function createBatch(call: Call): Answer {
  return isGemini(call) ? createGeminiBatch(call) : createJob(call);
}

/** `POST …/models/{m}:batchGenerateContent`. The same request twice makes two batches. */
function createGeminiBatch(call: Call): Answer {
  const { world, record, match, url } = call;
  const { model = '' } = match;
  const request = parseBatch(record.body, model, world.files);
  if (typeof request === 'string') return () => googleError(400, request);
  const { isFromFile, ...rest } = request;
  const id = world.newId('batches');
  const onEnd = (batch: Batch): void => {
    if (isFromFile && batch.hasResults) writeResults(batch, `files/batch-${id}`, world.files, url.origin);
  };
  const spec = { ...rest, name: `batches/${id}`, model, host: 'gemini', onEnd } as const;
  const batch = world.startBatch(spec, call.target);
  call.note({ job: batch.record.name });
  return resourceAnswer(batch);
}

/** The results of a batch that was made from a file are in a file, too. */
function writeResults(batch: Batch, name: string, files: FileStore, origin: string): void {
  const file = { mimeType: 'application/jsonl', text: resultLines(batch), isComplete: true };
  files.put(name, origin, file, { source: 'GENERATED' });
  batch.responsesFile = name;
}

/** `POST …/projects/{p}/locations/{l}/batchPredictionJobs`. The same request twice makes two jobs. */
function createJob(call: Call): Answer {
  const { world, record, match } = call;
  const request = parseJob(record.body, world.bucket);
  if (typeof request === 'string') return () => googleError(400, request);
  const { outputPrefix, ...rest } = request;
  const name = `${match.collection ?? ''}/${world.newId('batchPredictionJobs')}`;
  const onEnd = (batch: Batch): void => {
    if (outputPrefix !== undefined) exportRows(batch, world.bucket, outputPrefix);
  };
  const batch = world.startBatch({ ...rest, name, host: 'vertex', onEnd }, call.target);
  call.note({ job: batch.record.name });
  return resourceAnswer(batch);
}

/** `GET …/batches/{id}` */
export function getBatch(call: Call): Answer {
  const batch = findBatch(call);
  if (batch === undefined) return () => notFound('batch-get');
  return forbidden(call, batch) ?? resourceAnswer(batch);
}

/** `GET …/batches?pageSize=…&pageToken=…`, in the order that is set; on Vertex also `filter=…` */
export function listBatches(call: Call): Answer {
  const filter = isGemini(call) ? '' : (call.url.searchParams.get('filter') ?? '');
  const suits = parseFilter(filter);
  if (suits === undefined) return () => googleError(400, `Invalid filter: ${filter}`);
  const page = pageOf(call, suits);
  if (typeof page === 'string') return () => googleError(400, page);
  const resources = page.batches.map(isGemini(call) ? listedBatch : vertexJob);
  const body = isGemini(call) ? { operations: resources } : { batchPredictionJobs: resources };
  const { nextPageToken } = page;
  return () => jsonResponse({ ...body, ...(nextPageToken !== undefined && { nextPageToken }) });
}

/** `POST …/batches/{id}:cancel` */
export function cancelBatch(call: Call): Answer {
  const batch = findBatch(call);
  if (batch === undefined) return () => notFound('batch-cancel');
  const refusal = forbidden(call, batch) ?? refuseCancel(call, batch);
  if (refusal !== undefined) return refusal;
  batch.cancelSent = true;
  if (call.strike('cancel-ignored')) return done;
  batch.cancel(call.strike('cancel-lag')?.ms ?? 0);
  return call.strike('cancel-499') ? () => googleError(499, 'The operation was cancelled.') : done;
}

/** `DELETE …/batches/{id}`: the record goes, the work does not stop. Vertex refuses as long as it goes on. */
export function removeBatch(call: Call): Answer {
  const batch = findBatch(call);
  if (batch === undefined) return () => notFound('batch-delete');
  if (!isGemini(call)) return removeJob(batch);
  batch.markDeleted();
  return done;
}

/** `DELETE …/batchPredictionJobs/{id}`: only of a job that has ended. Answers an operation that is done. */
function removeJob(batch: Batch): Answer {
  if (!batch.ended) {
    return () => failedPrecondition('batch-delete', 'Only a job that has ended can be deleted.');
  }
  batch.markDeleted();
  const parent = batch.spec.name.split('/').slice(0, 4).join('/');
  const response = { '@type': 'type.googleapis.com/google.protobuf.Empty' };
  return () => jsonResponse({ name: `${parent}/operations/${batch.record.index + 1}`, done: true, response });
}

function findBatch(call: Call): Batch | undefined {
  const batch = call.world.findBatch(call.match);
  if (batch !== undefined) call.note({ job: batch.record.name });
  return batch;
}

const resourceOf = (batch: Batch): JsonObject => (batch.spec.host === 'gemini' ? geminiBatch(batch) : vertexJob(batch));

const isGemini = ({ match }: Call): boolean => match.collection === 'batches';

/** Takes the resource as it is now, also for an answer that goes out later. */
function resourceAnswer(batch: Batch): Answer {
  const resource = resourceOf(batch);
  return () => jsonResponse(resource);
}

const done = (): Response => jsonResponse({});

function forbidden(call: Call, batch: Batch): Answer | undefined {
  if (batch.ended || !call.strike('forbidden-while-running')) return undefined;
  return () => googleError(403, 'The caller does not have permission');
}

function refuseCancel(call: Call, batch: Batch): Answer | undefined {
  // Vertex takes one cancel.
  if (!isGemini(call) && batch.cancelSent) {
    return () => failedPrecondition('batch-cancel', 'The job has been cancelled already.');
  }
  if (!batch.ended) return undefined;
  return () => cancelTooLate('batch-cancel', call.world.settings.cancelAfterEnd, done);
}
