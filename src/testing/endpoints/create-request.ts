import { ASPECT_RATIOS, IMAGE_SIZES } from '../image.js';
import type { JobSpec } from '../job.js';
import { isObject, numberAt, objectAt, stringAt, textOf, type JsonObject } from '../json.js';

/** What a create asks for. */
export interface CreateRequest extends Pick<JobSpec, 'model' | 'agent' | 'image' | 'seed'> {
  readonly background: boolean;
  readonly stream: boolean;
  readonly asUri: boolean;
}

/** Fields of CreateModelInteraction and CreateAgentInteraction in the SDK's types. */
const FIELDS = new Set(
  `agent agent_config background cached_content continuation_token environment generation_config input labels model
  previous_interaction_id response_format response_mime_type response_modalities safety_settings service_tier store
  stream system_instruction tools webhook_config`.split(/\s+/),
);
const IMAGE_FIELDS = new Set(['type', 'aspect_ratio', 'delivery', 'image_size', 'mime_type']);

/** Reads the body of a create as Google would; a string is the message of a 400. */
export function parseCreate(body: unknown): CreateRequest | string {
  if (!isObject(body)) return 'Invalid JSON payload received. Expected an object.';
  const format = imageFormat(body);
  const wrong = unknownField(body, FIELDS) ?? wrongCombination(body) ?? (format && wrongFormat(format));
  if (wrong !== undefined) return wrong;
  const agent = stringAt(body, 'agent');
  const config = objectAt(body, 'generation_config');
  return {
    model: stringAt(body, 'model') ?? agent ?? '',
    agent: agent !== undefined,
    seed: numberAt(config, 'seed'),
    background: body['background'] === true,
    stream: body['stream'] === true,
    asUri: stringAt(format, 'delivery') === 'uri',
    image: {
      prompt: textOf(body['input']),
      mimeType: stringAt(format, 'mime_type') === 'image/jpeg' ? 'image/jpeg' : 'image/png',
      aspectRatio: stringAt(format, 'aspect_ratio'),
      imageSize: stringAt(format, 'image_size'),
    },
  };
}

/** `response_format` when it is, or holds, one for images; the deprecated `image_config` in its place. */
function imageFormat(body: JsonObject): JsonObject | undefined {
  const formats = [body['response_format']].flat().filter(isObject);
  return formats.find(({ type }) => type === 'image') ?? objectAt(objectAt(body, 'generation_config'), 'image_config');
}

/** Google's words for a field that it does not know. */
export function unknownField(body: JsonObject, known: ReadonlySet<string>, where?: string): string | undefined {
  const name = Object.keys(body).find((field) => !known.has(field));
  if (name === undefined) return undefined;
  const at = where === undefined ? '' : ` at '${where}'`;
  return `Invalid JSON payload received. Unknown name "${name}"${at}: Cannot find field.`;
}

function wrongCombination(body: JsonObject): string | undefined {
  const { background, input, model, agent, stream, store } = body as Record<string, unknown> & typeof body;
  if (!isName(model) && !isName(agent)) return 'One of `model` or `agent` must be specified.';
  if (model !== undefined && agent !== undefined) return 'Only one of `model` and `agent` may be specified.';
  if (input === undefined || input === null || input === '') return '`input` is required.';
  if (background !== true) return undefined;
  if (store === false) return '`store=false` is incompatible with `background=true`.';
  // Google's sources contradict each other here; refusing is the reading that catches a client that relies on it.
  return stream === true ? '`stream=true` is incompatible with `background=true`.' : undefined;
}

function wrongFormat(format: JsonObject): string | undefined {
  return (
    unknownField(format, IMAGE_FIELDS, 'response_format') ??
    notOneOf(format, 'aspect_ratio', ASPECT_RATIOS) ??
    notOneOf(format, 'image_size', IMAGE_SIZES) ??
    notOneOf(format, 'mime_type', ['image/png', 'image/jpeg']) ??
    notOneOf(format, 'delivery', ['inline', 'uri'])
  );
}

/** The message for a field that is there and has none of the values that it may have. */
export function notOneOf(parent: JsonObject | undefined, name: string, values: readonly string[]): string | undefined {
  const value = parent?.[name];
  if (value === undefined || (typeof value === 'string' && values.includes(value))) return undefined;
  return `Invalid value for \`${name}\`: ${JSON.stringify(value)}. Supported values: ${values.join(', ')}.`;
}

const isName = (value: unknown): boolean => typeof value === 'string' && value !== '';
