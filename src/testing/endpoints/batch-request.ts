import type { ItemSpec } from '../batch/batch-item.js';
import type { BatchSpec } from '../batch/batch.js';
import { isObject, objectAt, stringAt, type JsonObject } from '../json.js';
import type { FileStore, Bucket } from '../storage.js';
import { parseContent, rowsOf } from './content-request.js';
import { unknownField } from './create-request.js';

/** The request for a batch, taken apart. */
export interface BatchRequest {
  readonly displayName: string | undefined;
  readonly items: readonly ItemSpec[];
  readonly isFromFile: boolean;
}

/** Fields of GenerateContentBatch that a client may set. */
const BATCH_FIELDS = 'model name displayName inputConfig priority webhookConfig';

/** Reads the body of `:batchGenerateContent`; a string is the message of a 400. */
export function parseBatch(body: unknown, model: string, files: FileStore): BatchRequest | string {
  const batch = isObject(body) ? objectAt(body, 'batch') : undefined;
  if (!isObject(body) || batch === undefined) return 'BatchGenerateContentRequest.batch is required.';
  const input = objectAt(batch, 'inputConfig');
  const requests = objectAt(input, 'requests')?.['requests'];
  const wrong =
    unknownField(body, 'batch') ??
    unknownField(batch, BATCH_FIELDS, 'batch') ??
    unknownField(input ?? {}, 'requests fileName', 'batch.input_config');
  if (wrong !== undefined) return wrong;
  const displayName = stringAt(batch, 'displayName');
  const fileName = stringAt(input, 'fileName');
  if (fileName !== undefined) {
    const file = files.find(fileName);
    if (file === undefined) return `The input file ${fileName} does not exist or is not accessible.`;
    return { displayName, items: rowsOf(file.text, model), isFromFile: true };
  }
  const wrongList = wrongRequests(requests);
  if (wrongList !== undefined) return wrongList;
  const items = (requests as JsonObject[]).map((source) => ({
    source,
    request: parseContent(objectAt(source, 'request') ?? {}, model),
  }));
  return { displayName, items, isFromFile: false };
}

function wrongRequests(requests: unknown): string | undefined {
  if (!Array.isArray(requests) || requests.length === 0)
    return 'Either requests or file_name must be set in input_config.';
  const list = requests as readonly unknown[];
  if (!list.every(isObject)) return 'Invalid value at batch.input_config.requests.requests.';
  return list
    .map((request) => unknownField(request, 'request metadata', 'requests'))
    .find((wrong) => wrong !== undefined);
}

/** The request for a job on Vertex, taken apart. */
export interface JobRequest extends Pick<BatchSpec, 'items' | 'unreadable'> {
  readonly displayName: string;
  /** The short name. */
  readonly model: string;
  /** Cloud Storage folder for the results; undefined when they go to BigQuery. */
  readonly outputPrefix: string | undefined;
  /** Told back in the resource as it came. */
  readonly echo: JsonObject;
}

const JOB_FIELDS = `displayName model inputConfig outputConfig instanceConfig modelParameters labels encryptionSpec
  serviceAccount dedicatedResources manualBatchTuningParameters generateExplanation explanationSpec disableContainerLogging`;
const INPUT_FIELDS = 'instancesFormat gcsSource bigquerySource vertexMultimodalDatasetSource';
const OUTPUT_FIELDS = 'predictionsFormat gcsDestination bigqueryDestination vertexMultimodalDatasetDestination';
const WHERE = 'batch_prediction_job';

/** Reads the body of a create and the rows that it points to; a string is the message of a 400. */
export function parseJob(body: unknown, bucket: Bucket): JobRequest | string {
  if (!isObject(body)) return 'Invalid JSON payload received. Expected an object.';
  const input = objectAt(body, 'inputConfig') ?? {};
  const output = objectAt(body, 'outputConfig') ?? {};
  const model = stringAt(body, 'model');
  const displayName = stringAt(body, 'displayName');
  const wrong =
    unknownField(body, JOB_FIELDS, WHERE) ??
    unknownField(input, INPUT_FIELDS, `${WHERE}.input_config`) ??
    unknownField(output, OUTPUT_FIELDS, `${WHERE}.output_config`);
  if (wrong !== undefined) return wrong;
  if (displayName === undefined || displayName === '') return `Required field is not set: ${WHERE}.display_name.`;
  if (model === undefined || !/(^|\/)models\/[^/]+$/.test(model)) return `Invalid value for ${WHERE}.model.`;
  const source = sourceOf(input);
  if (source === undefined) return 'inputConfig needs gs:// addresses in gcsSource, or a bq:// one in bigquerySource.';
  const destination = destinationOf(output);
  if (destination === undefined)
    return 'outputConfig needs a gs:// prefix in gcsDestination, or bq:// in bigqueryDestination.';
  const shortName = model.split('/').at(-1) ?? '';
  return {
    displayName,
    model: shortName,
    ...(source === 'bigquery' ? { items: [UNKNOWN_ROWS] } : readRows(source, bucket, shortName)),
    outputPrefix: source === 'bigquery' || destination === 'bigquery' ? undefined : destination,
    echo: { model, inputConfig: body['inputConfig'], outputConfig: body['outputConfig'] },
  };
}

/** There are no tables here: a job that reads one works as long as for one row, and delivers nothing. */
const UNKNOWN_ROWS: ItemSpec = { source: {}, request: { image: { prompt: '', mimeType: 'image/png' } } };

function sourceOf(input: JsonObject): string[] | 'bigquery' | undefined {
  const uris = objectAt(input, 'gcsSource')?.['uris'];
  const list = Array.isArray(uris) ? (uris as readonly unknown[]) : [];
  const files = list.filter((uri) => typeof uri === 'string').filter((uri) => uri.startsWith('gs://'));
  if (files.length > 0 && files.length === list.length) return files;
  return stringAt(objectAt(input, 'bigquerySource'), 'inputUri')?.startsWith('bq://') ? 'bigquery' : undefined;
}

function destinationOf(output: JsonObject): string | undefined {
  const prefix = stringAt(objectAt(output, 'gcsDestination'), 'outputUriPrefix');
  if (prefix?.startsWith('gs://')) return prefix;
  return stringAt(objectAt(output, 'bigqueryDestination'), 'outputUri')?.startsWith('bq://') ? 'bigquery' : undefined;
}

function readRows(uris: readonly string[], bucket: Bucket, model: string): Pick<JobRequest, 'items' | 'unreadable'> {
  const missing = uris.find((uri) => bucket.get(uri) === undefined);
  if (missing !== undefined) return { items: [], unreadable: { code: 5, message: `${missing} was not found.` } };
  const items = uris.flatMap((uri) => rowsOf(bucket.get(uri) ?? '', model));
  return items.length > 0 ? { items } : { items, unreadable: { code: 3, message: 'The input has no rows.' } };
}
