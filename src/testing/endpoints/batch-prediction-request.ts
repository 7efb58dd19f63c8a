import type { BatchSpec } from '../batch/batch.js';
import type { ItemSpec } from '../batch/batch-item.js';
import type { Bucket } from '../bucket.js';
import { isObject, objectAt, stringAt, type JsonObject } from '../json.js';
import { unknownField } from './create-request.js';
import { rowsOf } from './rows.js';

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

const FIELDS = new Set(
  `displayName model inputConfig outputConfig instanceConfig modelParameters labels encryptionSpec serviceAccount
  dedicatedResources manualBatchTuningParameters generateExplanation explanationSpec disableContainerLogging`.split(
    /\s+/,
  ),
);
const INPUT_FIELDS = new Set('instancesFormat gcsSource bigquerySource vertexMultimodalDatasetSource'.split(' '));
const OUTPUT_FIELDS = new Set(
  'predictionsFormat gcsDestination bigqueryDestination vertexMultimodalDatasetDestination'.split(' '),
);
const WHERE = 'batch_prediction_job';

/** Reads the body of a create and the rows that it points to; a string is the message of a 400. */
export function parseJob(body: unknown, bucket: Bucket): JobRequest | string {
  if (!isObject(body)) return 'Invalid JSON payload received. Expected an object.';
  const input = objectAt(body, 'inputConfig') ?? {};
  const output = objectAt(body, 'outputConfig') ?? {};
  const model = stringAt(body, 'model');
  const displayName = stringAt(body, 'displayName');
  const wrong =
    unknownField(body, FIELDS, WHERE) ??
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
