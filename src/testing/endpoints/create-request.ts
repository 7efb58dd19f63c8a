import { interactionError } from '../errors.js';
import { ASPECT_RATIOS, IMAGE_SIZES } from '../image.js';
import type { InteractionSpec, JobSpec } from '../job.js';
import { isObject, numberAt, objectAt, stringAt, textOf, type JsonObject } from '../json.js';
import { makesJpegs } from '../models.js';
import type { Settings } from '../settings.js';

/** The request for an interaction, taken apart. */
export interface CreateRequest extends Pick<JobSpec, 'model' | 'image' | 'seed'> {
  readonly interaction: InteractionSpec;
  readonly background: boolean;
  readonly stream: boolean;
  readonly asUri: boolean;
}

/** Fields of CreateModelInteraction and CreateAgentInteraction in the SDK's types. */
const FIELDS = `agent agent_config background cached_content continuation_token environment generation_config input labels
  model previous_interaction_id response_format response_mime_type response_modalities safety_settings service_tier
  store stream system_instruction tools webhook_config`;
const FORMAT_FIELDS = 'type aspect_ratio delivery image_size mime_type';
const IMAGE_TYPES = 'png jpeg webp heic heif gif bmp tiff'.split(' ').map((name) => `image/${name}`);
const SERVICE_TIERS = ['standard', 'flex', 'priority', 'deferred'];

/** Reads the body of a create as Google would, or says what is wrong with it. */
export function parseCreate(body: unknown, settings: Settings): CreateRequest | Response {
  if (!isObject(body)) return interactionError(400, 'Invalid JSON payload received. Expected an object.');
  const format = imageFormat(body);
  const input = contentsOf(body['input']);
  const unknown = unknownField(body, FIELDS) ?? (format && unknownField(format, FORMAT_FIELDS, 'response_format'));
  if (unknown !== undefined) return interactionError(400, unknown, 'parameter_unknown');
  const wrong = wrongCombination(body, settings) ?? wrongInput(input) ?? (format && wrongFormat(format));
  if (wrong !== undefined) return interactionError(400, wrong);
  const agent = stringAt(body, 'agent');
  const model = stringAt(body, 'model') ?? agent ?? '';
  return {
    model,
    interaction: {
      isAgent: agent !== undefined,
      input,
      isStored: body['store'] !== false,
      previous: stringAt(body, 'previous_interaction_id'),
      serviceTier: stringAt(body, 'service_tier') ?? 'standard',
    },
    seed: numberAt(objectAt(body, 'generation_config'), 'seed'),
    background: body['background'] === true,
    stream: body['stream'] === true,
    asUri: stringAt(format, 'delivery') === 'uri',
    image: {
      prompt: textOf(body['input']),
      mimeType: makesJpegs(model) || stringAt(format, 'mime_type') === 'image/jpeg' ? 'image/jpeg' : 'image/png',
      aspectRatio: stringAt(format, 'aspect_ratio'),
      imageSize: stringAt(format, 'image_size'),
    },
  };
}

/** The contents of an `input`, which is a text, a content, or a list of contents or of steps that have contents. */
function contentsOf(input: unknown): JsonObject[] {
  if (typeof input === 'string') return [{ type: 'text', text: input }];
  if (Array.isArray(input)) return input.flatMap(contentsOf);
  if (!isObject(input)) return [];
  return input['content'] === undefined ? [input] : contentsOf(input['content']);
}

function wrongInput(input: readonly JsonObject[]): string | undefined {
  const images = input.filter(({ type }) => type === 'image');
  if (images.some(({ data, uri }) => data === undefined && uri === undefined)) return 'An image needs `data` or `uri`.';
  return images.map((image) => notOneOf(image, 'mime_type', IMAGE_TYPES)).find((wrong) => wrong !== undefined);
}

/** `response_format` when it is, or holds, one for images; the deprecated `image_config` in its place. */
function imageFormat(body: JsonObject): JsonObject | undefined {
  const formats = [body['response_format']].flat().filter(isObject);
  return formats.find(({ type }) => type === 'image') ?? objectAt(objectAt(body, 'generation_config'), 'image_config');
}

/** Google's words for a field that it does not know. `known` are the names of the others. */
export function unknownField(body: JsonObject, known: string, where?: string): string | undefined {
  const names = known.split(/\s+/);
  const name = Object.keys(body).find((field) => !names.includes(field));
  if (name === undefined) return undefined;
  const at = where === undefined ? '' : ` at '${where}'`;
  return `Invalid JSON payload received. Unknown name "${name}"${at}: Cannot find field.`;
}

function wrongCombination(body: JsonObject, { backgroundStream }: Settings): string | undefined {
  const { background, input, model, agent, stream, store } = body as Record<string, unknown> & typeof body;
  if (!stringAt(body, 'model') && !stringAt(body, 'agent')) return 'One of `model` or `agent` must be specified.';
  if (model !== undefined && agent !== undefined) return 'Only one of `model` and `agent` may be specified.';
  if (input === undefined || input === null || input === '') return '`input` is required.';
  const wrongTier = notOneOf(body, 'service_tier', SERVICE_TIERS);
  if (wrongTier !== undefined || background !== true) return wrongTier;
  if (store === false) return '`store=false` is incompatible with `background=true`.';
  if (stream !== true || backgroundStream === 'accepted') return undefined;
  return '`stream=true` is incompatible with `background=true`.';
}

const wrongFormat = (format: JsonObject): string | undefined =>
  notOneOf(format, 'aspect_ratio', ASPECT_RATIOS) ??
  notOneOf(format, 'image_size', IMAGE_SIZES) ??
  notOneOf(format, 'mime_type', ['image/png', 'image/jpeg']) ??
  notOneOf(format, 'delivery', ['inline', 'uri']);

/** The message for a field that is there and has none of the values that it may have. */
export function notOneOf(parent: JsonObject | undefined, name: string, values: readonly string[]): string | undefined {
  const value = parent?.[name];
  if (value === undefined || (typeof value === 'string' && values.includes(value))) return undefined;
  return `Invalid value for \`${name}\`: ${JSON.stringify(value)}. Supported values: ${values.join(', ')}.`;
}
