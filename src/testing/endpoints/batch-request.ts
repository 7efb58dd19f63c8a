import type { BatchSpec, ItemSpec } from '../batch.js';
import { refuse } from '../errors.js';
import { isObject, listAt, objectAt, stringAt, type JsonObject } from '../json.js';
import type { Bucket, FileStore } from '../storage.js';
import { parseItem, refuseUnknown, rowsOf } from './requests.js';

export interface BatchRequest extends Pick<BatchSpec, 'displayName' | 'items'> {
  readonly isFromFile: boolean;
}

/** Fields of GenerateContentBatch that a client may set. */
const BATCH_FIELDS = 'model name displayName inputConfig priority webhookConfig';

/** Reads the body of `:batchGenerateContent`. */
export function parseBatch(body: unknown, model: string, files: FileStore): BatchRequest {
  const batch = isObject(body) ? objectAt(body, 'batch') : undefined;
  if (!isObject(body) || batch === undefined) refuse(400, 'BatchGenerateContentRequest.batch is required.');
  const input = objectAt(batch, 'inputConfig') ?? {};
  refuseUnknown(body, 'batch');
  refuseUnknown(batch, BATCH_FIELDS, 'batch');
  refuseUnknown(input, 'requests fileName', 'batch.input_config');
  const displayName = stringAt(batch, 'displayName');
  const fileName = stringAt(input, 'fileName');
  if (fileName === undefined) return { displayName, items: inlinedItems(input, model), isFromFile: false };
  const file = files.find(fileName);
  if (file === undefined) refuse(400, `The input file ${fileName} does not exist or is not accessible.`);
  return { displayName, items: rowsOf(file.text, model), isFromFile: true };
}

function inlinedItems(input: JsonObject, model: string): ItemSpec[] {
  const list = listAt(objectAt(input, 'requests'), 'requests') ?? [];
  if (list.length === 0) refuse(400, 'Either requests or file_name must be set in input_config.');
  if (!list.every(isObject)) refuse(400, 'Invalid value at batch.input_config.requests.requests.');
  for (const request of list) refuseUnknown(request, 'request metadata', 'requests');
  return list.map((source) => parseItem(source, objectAt(source, 'request') ?? {}, model));
}

/** The request for a job on Vertex, taken apart: `model` is the short name, `echo` is told back in the resource as it came. */
export interface JobRequest extends Pick<BatchSpec, 'displayName' | 'model' | 'items' | 'unreadable' | 'echo'> {
  /** Cloud Storage folder for the results; undefined when they go to BigQuery. */
  readonly outputPrefix: string | undefined;
}

const JOB_FIELDS = `displayName model inputConfig outputConfig instanceConfig modelParameters labels encryptionSpec
  serviceAccount dedicatedResources manualBatchTuningParameters generateExplanation explanationSpec disableContainerLogging`;
const INPUT_FIELDS = 'instancesFormat gcsSource bigquerySource vertexMultimodalDatasetSource';
const OUTPUT_FIELDS = 'predictionsFormat gcsDestination bigqueryDestination vertexMultimodalDatasetDestination';
const WHERE = 'batch_prediction_job';

/** Reads the body of a create and the rows that it points to. */
export function parseJob(body: unknown, bucket: Bucket): JobRequest {
  if (!isObject(body)) refuse(400, 'Invalid JSON payload received. Expected an object.');
  const input = objectAt(body, 'inputConfig') ?? {};
  const output = objectAt(body, 'outputConfig') ?? {};
  const model = stringAt(body, 'model') ?? '';
  const displayName = stringAt(body, 'displayName') ?? '';
  refuseUnknown(body, JOB_FIELDS, WHERE);
  refuseUnknown(input, INPUT_FIELDS, `${WHERE}.input_config`);
  refuseUnknown(output, OUTPUT_FIELDS, `${WHERE}.output_config`);
  if (displayName === '') refuse(400, `Required field is not set: ${WHERE}.display_name.`);
  const [, shortName] = /(?:^|\/)models\/([^/]+)$/.exec(model) ?? [];
  if (shortName === undefined) refuse(400, `Invalid value for ${WHERE}.model.`);
  const source = sourceOf(input);
  const destination = destinationOf(output);
  const isInTables = source === 'bigquery' || destination === 'bigquery';
  return {
    displayName,
    model: shortName,
    ...(source === 'bigquery' ? { items: [UNKNOWN_ROWS] } : readRows(source, bucket, shortName)),
    outputPrefix: isInTables ? undefined : destination,
    echo: { model, inputConfig: body['inputConfig'], outputConfig: body['outputConfig'] },
  };
}

/** There are no tables here: a job that reads one works as long as for one row, and delivers nothing. */
const UNKNOWN_ROWS: ItemSpec = { source: {}, request: { image: { prompt: '', mimeType: 'image/png' } } };

function sourceOf(input: JsonObject): string[] | 'bigquery' {
  const list = listAt(objectAt(input, 'gcsSource'), 'uris') ?? [];
  const files = list.filter((uri) => typeof uri === 'string').filter((uri) => uri.startsWith('gs://'));
  if (files.length > 0 && files.length === list.length) return files;
  const needs = 'inputConfig needs gs:// addresses in gcsSource, or a bq:// one in bigquerySource.';
  return tableAt(objectAt(input, 'bigquerySource'), 'inputUri') ?? refuse(400, needs);
}

function destinationOf(output: JsonObject): string {
  const prefix = stringAt(objectAt(output, 'gcsDestination'), 'outputUriPrefix');
  if (prefix?.startsWith('gs://')) return prefix;
  const needs = 'outputConfig needs a gs:// prefix in gcsDestination, or bq:// in bigqueryDestination.';
  return tableAt(objectAt(output, 'bigqueryDestination'), 'outputUri') ?? refuse(400, needs);
}

const tableAt = (place: JsonObject | undefined, name: string): 'bigquery' | undefined =>
  stringAt(place, name)?.startsWith('bq://') ? 'bigquery' : undefined;

function readRows(uris: readonly string[], bucket: Bucket, model: string): Pick<JobRequest, 'items' | 'unreadable'> {
  const missing = uris.find((uri) => bucket.get(uri) === undefined);
  if (missing !== undefined) return { items: [], unreadable: { code: 5, message: `${missing} was not found.` } };
  const items = uris.flatMap((uri) => rowsOf(bucket.get(uri) ?? '', model));
  return items.length > 0 ? { items } : { items, unreadable: { code: 3, message: 'The input has no rows.' } };
}
