import { parseJson } from '../../util/json.js';
import type { BatchSpec, ItemSpec } from '../batch.js';
import { refuse } from '../errors.js';
import { ASPECT_RATIOS, IMAGE_SIZES } from '../image.js';
import type { JobSpec } from '../job.js';
import { isObject, isTooDeep, listAt, numberAt, objectAt, stringAt, textOf, type JsonObject } from '../json.js';
import { makesJpegs } from '../models.js';
import type { Settings, WebhookTarget } from '../settings.js';
import type { Bucket, FileStore } from '../storage.js';

/** Refuses a body with fields that Google does not know. `known` are the names of the others. */
function refuseUnknown(body: JsonObject, known: string, where?: string): void {
  const names = known.split(/\s+/);
  const name = Object.keys(body).find((field) => !names.includes(field));
  if (name === undefined) return;
  const at = where === undefined ? '' : ` at '${where}'`;
  const message = `Invalid JSON payload received. Unknown name "${name}"${at}: Cannot find field.`;
  refuse(400, message, { code: 'parameter_unknown' });
}

/** Refuses a field that is there and has none of the values that it may have. */
function refuseOthers(parent: JsonObject | undefined, name: string, values: readonly string[]): void {
  const value = parent?.[name];
  if (value === undefined || (typeof value === 'string' && values.includes(value))) return;
  refuse(400, `Invalid value for \`${name}\`: ${JSON.stringify(value)}. Supported values: ${values.join(', ')}.`);
}

const NAMES: readonly [string, string] = ['aspectRatio', 'imageSize'];

export function readImage(prompt: string, asked?: string, body?: JsonObject, [ratio, size] = NAMES): JobSpec['image'] {
  refuseOthers(body, ratio, ASPECT_RATIOS);
  refuseOthers(body, size, IMAGE_SIZES);
  return { prompt, mimeType: asked === 'image/jpeg' ? asked : 'image/png', imageSize: stringAt(body, size) };
}

export function parseContent(body: JsonObject, model: string): Pick<JobSpec, 'image' | 'seed'> {
  const config = objectAt(body, 'generationConfig');
  const imageConfig = objectAt(config, 'imageConfig');
  const prompt = textOf(body['contents']);
  if (prompt === '') refuse(400, '* GenerateContentRequest.contents: contents is not specified');
  const usual = makesJpegs(model) ? 'image/jpeg' : undefined;
  const asked = stringAt(objectAt(imageConfig, 'imageOutputOptions'), 'mimeType') ?? usual;
  return { image: readImage(prompt, asked, imageConfig), seed: numberAt(config, 'seed') };
}

/** Reads one request of a batch. One that cannot be read fails. */
function parseItem(source: JsonObject, request: JsonObject, model: string): ItemSpec {
  try {
    return { source, request: parseContent(request, model) };
  } catch (error) {
    return { source, request: (error as Error).message };
  }
}

/** The requests of a file, one JSON object a line. A line that cannot be read is a request that fails. */
function rowsOf(text: string, model: string): ItemSpec[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => readRow(line, model));
}

function readRow(line: string, model: string): ItemSpec {
  const source = parseJson(line);
  if (source === undefined) return { source: {}, request: 'The row is not JSON.' };
  if (isTooDeep(source)) return { source: {}, request: 'The row is nested too deep.' };
  const request = isObject(source) ? objectAt(source, 'request') : undefined;
  if (request !== undefined) return parseItem(source as JsonObject, request, model);
  return { source: isObject(source) ? source : {}, request: 'The row has no request.' };
}

type CreateRequest = Omit<JobSpec, 'kind' | 'id' | 'origin'> & Readonly<Record<'background' | 'stream', boolean>>;

/** Fields of CreateModelInteraction and CreateAgentInteraction in the SDK's types. */
const FIELDS = `agent agent_config background cached_content continuation_token environment generation_config input labels
  model previous_interaction_id response_format response_mime_type response_modalities safety_settings service_tier
  store stream system_instruction tools webhook_config`;
const FORMAT_FIELDS = 'type aspect_ratio delivery image_size mime_type';
const IMAGE_TYPES = 'png jpeg webp heic heif gif bmp tiff'.split(' ').map((name) => `image/${name}`);
const SERVICE_TIERS = ['standard', 'flex', 'priority', 'deferred'];

export function parseCreate(body: unknown, settings: Settings): CreateRequest {
  if (!isObject(body)) refuse(400, 'Invalid JSON payload received. Expected an object.');
  const format = imageFormat(body);
  const input = contentsOf(body['input']);
  refuseUnknown(body, FIELDS);
  refuseUnknown(format ?? {}, FORMAT_FIELDS, 'response_format');
  refuseCombination(body, settings);
  refuseInput(input);
  const agent = stringAt(body, 'agent');
  const model = stringAt(body, 'model') ?? agent ?? '';
  const asked = makesJpegs(model) ? 'image/jpeg' : stringAt(format, 'mime_type');
  const image = readImage(textOf(body['input']), asked, format, ['aspect_ratio', 'image_size']);
  refuseOthers(format, 'mime_type', ['image/png', 'image/jpeg']);
  refuseOthers(format, 'delivery', ['inline', 'uri']);
  return {
    model,
    image,
    isAgent: agent !== undefined,
    input,
    isStored: body['store'] !== false,
    previous: stringAt(body, 'previous_interaction_id'),
    serviceTier: stringAt(body, 'service_tier') ?? 'standard',
    seed: numberAt(objectAt(body, 'generation_config'), 'seed'),
    background: body['background'] === true,
    stream: body['stream'] === true,
    asUri: stringAt(format, 'delivery') === 'uri',
    webhook: webhookOf(objectAt(body, 'webhook_config'), 'user_metadata'),
  };
}

/** The contents of an `input`, which is a text, a content, or a list of contents or of steps that have contents. */
function contentsOf(input: unknown): JsonObject[] {
  if (typeof input === 'string') return [{ type: 'text', text: input }];
  if (Array.isArray(input)) return input.flatMap(contentsOf);
  if (!isObject(input)) return [];
  return input['content'] === undefined ? [input] : contentsOf(input['content']);
}

function refuseInput(input: readonly JsonObject[]): void {
  const images = input.filter(({ type }) => type === 'image');
  const isEmpty = images.some(({ data, uri }) => data === undefined && uri === undefined);
  if (isEmpty) refuse(400, 'An image needs `data` or `uri`.');
  for (const image of images) refuseOthers(image, 'mime_type', IMAGE_TYPES);
}

/** `response_format` when it is, or holds, one for images; the deprecated `image_config` in its place. */
function imageFormat(body: JsonObject): JsonObject | undefined {
  const formats = [body['response_format']].flat().filter(isObject);
  return formats.find(({ type }) => type === 'image') ?? objectAt(objectAt(body, 'generation_config'), 'image_config');
}

function refuseCombination(body: JsonObject, { backgroundStream }: Settings): void {
  const { background, input, model, agent, stream, store } = body as Record<string, unknown> & typeof body;
  if (!stringAt(body, 'model') && !stringAt(body, 'agent')) refuse(400, 'One of `model` or `agent` must be specified.');
  if (model !== undefined && agent !== undefined) refuse(400, 'Only one of `model` and `agent` may be specified.');
  if (input === undefined || input === null || input === '') refuse(400, '`input` is required.');
  refuseOthers(body, 'service_tier', SERVICE_TIERS);
  if (background !== true) return;
  if (store === false) refuse(400, '`store=false` is incompatible with `background=true`.');
  if (stream !== true || backgroundStream === 'accepted') return;
  refuse(400, '`stream=true` is incompatible with `background=true`.');
}

function webhookOf(config: JsonObject | undefined, metadataName: string): WebhookTarget | undefined {
  const uris = listAt(config, 'uris');
  if (config === undefined || uris === undefined) return undefined;
  refuseUnknown(config, `uris ${metadataName}`, 'webhook_config');
  const isAddress = (uri: unknown): uri is string => typeof uri === 'string' && URL.canParse(uri);
  if (!uris.every(isAddress)) refuse(400, 'Invalid value at `webhook_config.uris`.');
  return { uris, userMetadata: objectAt(config, metadataName) };
}

type BatchRequest = Pick<BatchSpec, 'displayName' | 'items' | 'webhook'> & { readonly isFromFile: boolean };

/** Fields of GenerateContentBatch that a client may set. */
const BATCH_FIELDS = 'model name displayName inputConfig priority webhookConfig';

export function parseBatch(body: unknown, model: string, files: FileStore): BatchRequest {
  const batch = isObject(body) ? objectAt(body, 'batch') : undefined;
  if (!isObject(body) || batch === undefined) refuse(400, 'BatchGenerateContentRequest.batch is required.');
  const input = objectAt(batch, 'inputConfig') ?? {};
  refuseUnknown(body, 'batch');
  refuseUnknown(batch, BATCH_FIELDS, 'batch');
  refuseUnknown(input, 'requests fileName', 'batch.input_config');
  const displayName = stringAt(batch, 'displayName');
  const webhook = webhookOf(objectAt(batch, 'webhookConfig'), 'userMetadata');
  const fileName = stringAt(input, 'fileName');
  if (fileName === undefined) return { displayName, webhook, items: inlinedItems(input, model), isFromFile: false };
  const file = files.find(fileName);
  if (file === undefined) refuse(400, `The input file ${fileName} does not exist or is not accessible.`);
  return { displayName, webhook, items: rowsOf(file.text, model), isFromFile: true };
}

function inlinedItems(input: JsonObject, model: string): ItemSpec[] {
  const list = listAt(objectAt(input, 'requests'), 'requests') ?? [];
  if (list.length === 0) refuse(400, 'Either requests or file_name must be set in input_config.');
  if (!list.every(isObject)) refuse(400, 'Invalid value at batch.input_config.requests.requests.');
  for (const request of list) refuseUnknown(request, 'request metadata', 'requests');
  return list.map((source) => parseItem(source, objectAt(source, 'request') ?? {}, model));
}

/** The request for a job on Vertex, taken apart: `model` is the short name, `echo` is told back in the resource as it came. */
interface JobRequest extends Pick<BatchSpec, 'displayName' | 'model' | 'items' | 'unreadable' | 'echo'> {
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
