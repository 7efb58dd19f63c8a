import { parseJson } from '../../util/json.js';
import type { ItemSpec } from '../batch.js';
import { refuse } from '../errors.js';
import { ASPECT_RATIOS, IMAGE_SIZES, type ImageType } from '../image.js';
import type { ImageRequest, JobSpec } from '../job.js';
import { isObject, isTooDeep, numberAt, objectAt, stringAt, textOf, type JsonObject } from '../json.js';
import { makesJpegs } from '../models.js';
import type { Settings } from '../settings.js';

/** Refuses a body with fields that Google does not know. `known` are the names of the others. */
export function refuseUnknown(body: JsonObject, known: string, where?: string): void {
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

export function readImage(prompt: string, mimeType: ImageType, body?: JsonObject, [ratio, size] = NAMES): ImageRequest {
  refuseOthers(body, ratio, ASPECT_RATIOS);
  refuseOthers(body, size, IMAGE_SIZES);
  return { prompt, mimeType, imageSize: stringAt(body, size) };
}

export const mimeTypeOf = (asked: string | undefined): ImageType =>
  asked === 'image/jpeg' ? 'image/jpeg' : 'image/png';

/** Reads a GenerateContentRequest as Google would. */
export function parseContent(body: JsonObject, model: string): Pick<JobSpec, 'image' | 'seed'> {
  const config = objectAt(body, 'generationConfig');
  const imageConfig = objectAt(config, 'imageConfig');
  const prompt = textOf(body['contents']);
  if (prompt === '') refuse(400, '* GenerateContentRequest.contents: contents is not specified');
  const asked = stringAt(objectAt(imageConfig, 'imageOutputOptions'), 'mimeType');
  const mimeType = mimeTypeOf(asked ?? (makesJpegs(model) ? 'image/jpeg' : undefined));
  return { image: readImage(prompt, mimeType, imageConfig), seed: numberAt(config, 'seed') };
}

/** Reads one request of a batch. One that cannot be read fails. */
export function parseItem(source: JsonObject, request: JsonObject, model: string): ItemSpec {
  try {
    return { source, request: parseContent(request, model) };
  } catch (error) {
    return { source, request: (error as Error).message };
  }
}

/** The requests of a file, one JSON object a line. A line that cannot be read is a request that fails. */
export function rowsOf(text: string, model: string): ItemSpec[] {
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

export interface CreateRequest extends Omit<JobSpec, 'kind' | 'id' | 'origin'> {
  readonly background: boolean;
  readonly stream: boolean;
}

/** Fields of CreateModelInteraction and CreateAgentInteraction in the SDK's types. */
const FIELDS = `agent agent_config background cached_content continuation_token environment generation_config input labels
  model previous_interaction_id response_format response_mime_type response_modalities safety_settings service_tier
  store stream system_instruction tools webhook_config`;
const FORMAT_FIELDS = 'type aspect_ratio delivery image_size mime_type';
const IMAGE_TYPES = 'png jpeg webp heic heif gif bmp tiff'.split(' ').map((name) => `image/${name}`);
const SERVICE_TIERS = ['standard', 'flex', 'priority', 'deferred'];

/** Reads the body of a create as Google would. */
export function parseCreate(body: unknown, settings: Settings): CreateRequest {
  if (!isObject(body)) refuse(400, 'Invalid JSON payload received. Expected an object.');
  const format = imageFormat(body);
  const input = contentsOf(body['input']);
  refuseUnknown(body, FIELDS);
  refuseUnknown(format ?? {}, FORMAT_FIELDS, 'response_format');
  const combination = wrongCombination(body, settings);
  if (combination !== undefined) refuse(400, combination);
  refuseInput(input);
  const agent = stringAt(body, 'agent');
  const model = stringAt(body, 'model') ?? agent ?? '';
  const mimeType = mimeTypeOf(makesJpegs(model) ? 'image/jpeg' : stringAt(format, 'mime_type'));
  const image = readImage(textOf(body['input']), mimeType, format, ['aspect_ratio', 'image_size']);
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

function wrongCombination(body: JsonObject, { backgroundStream }: Settings): string | undefined {
  const { background, input, model, agent, stream, store } = body as Record<string, unknown> & typeof body;
  if (!stringAt(body, 'model') && !stringAt(body, 'agent')) return 'One of `model` or `agent` must be specified.';
  if (model !== undefined && agent !== undefined) return 'Only one of `model` and `agent` may be specified.';
  if (input === undefined || input === null || input === '') return '`input` is required.';
  refuseOthers(body, 'service_tier', SERVICE_TIERS);
  if (background !== true) return undefined;
  if (store === false) return '`store=false` is incompatible with `background=true`.';
  if (stream !== true || backgroundStream === 'accepted') return undefined;
  return '`stream=true` is incompatible with `background=true`.';
}
