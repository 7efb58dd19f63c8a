import { exportRows, vertexJob } from '../batch/vertex-resource.js';
import type { Batch } from '../batch/batch.js';
import type { Answer, Call } from '../call.js';
import { failedPrecondition, googleError, jsonResponse } from '../errors.js';
import { parseJob } from './batch-request.js';

/** `POST …/projects/{p}/locations/{l}/batchPredictionJobs`. The same request twice makes two jobs. */
export function createJob(call: Call): Answer {
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
  const resource = vertexJob(batch);
  return () => jsonResponse(resource);
}

/** Refuses a second cancel: Vertex takes one. */
export function refuseSecondCancel(batch: Batch): Answer | undefined {
  if (!batch.cancelSent) return undefined;
  return () => failedPrecondition('batch-cancel', 'The job has been cancelled already.');
}

/** `DELETE …/batchPredictionJobs/{id}`: only of a job that has ended. Answers an operation that is done. */
export function removeJob(batch: Batch): Answer {
  if (!batch.ended) {
    return () => failedPrecondition('batch-delete', 'Only a job that has ended can be deleted.');
  }
  batch.markDeleted();
  const parent = batch.spec.name.split('/').slice(0, 4).join('/');
  const response = { '@type': 'type.googleapis.com/google.protobuf.Empty' };
  return () => jsonResponse({ name: `${parent}/operations/${batch.record.index + 1}`, done: true, response });
}

/**
 * Whether a job is one that `filter` asks for: comparisons of `display_name` or `state` with `=` or `!=`, joined by
 * `AND`; undefined when it is anything else.
 */
export function parseFilter(filter: string): ((batch: Batch) => boolean) | undefined {
  if (filter.trim() === '') return () => true;
  const terms = filter.split(/\s+AND\s+/).map((term) => TERM.exec(term.trim()));
  if (terms.includes(null)) return undefined;
  return ({ spec, record }) =>
    terms.every((term) => {
      const [, field = '', operator, quoted, bare] = term ?? [];
      const value = field === 'state' ? record.status : spec.displayName;
      return (value === (quoted ?? bare)) === (operator === '=');
    });
}

const TERM = /^(display_name|displayName|state)\s*(=|!=)\s*(?:"([^"]*)"|(\S+))$/;
