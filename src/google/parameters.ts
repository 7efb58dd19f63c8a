import { UnsupportedParameterError, type UnsupportedParameter } from '../api/errors.js';
import { expectKnownNames, expectMatch, expectNumber, expectSignal, expected, similarName } from '../util/expected.js';
import { isObject } from '../util/json.js';
import { configRules, type ConfigRule, type Target } from './config-table.js';
import type { GenerateImagesConfig, GenerateImagesParameters } from '../api/images.js';

/** The values of a config that may reach the server: checked, and nothing that was left out. */
type ImageConfig = Readonly<Omit<GenerateImagesConfig, 'abortSignal' | 'numberOfImages'>>;

/** Parameters that were checked: a backend builds its requests from them. */
export interface ImageRequest {
  readonly model: string;
  readonly prompt: string;
  readonly numberOfImages: number;
  readonly config: ImageConfig;
  /** Whether its images are several of the same, so that each needs a seed of its own. */
  readonly isSeries?: boolean;
}

const MAX_SEED = 2 ** 31 - 1;
const MAX_LABEL_LENGTH = 63;

/** Checks the parameters of `generateImages`. Throws a `TypeError`, `RangeError` or `UnsupportedParameterError`. */
export function checkParameters(parameters: GenerateImagesParameters): ImageRequest {
  expectKnownNames('parameters', parameters, ['model', 'prompt', 'config']);
  // Each is read once: it may be behind a getter.
  const { model, prompt, config: all } = parameters;
  expectMatch('model', model, /\S/, 'a string that is not empty');
  expectMatch('prompt', prompt, /\S/, 'a string that is not empty');
  const { numberOfImages = 1, abortSignal, ...config } = checkConfig(all ?? {});
  if (config.seed !== undefined && config.seed + numberOfImages - 1 > MAX_SEED) {
    const what = 'at most 2^31-1 for every image (image i is made with seed + i)';
    throw new RangeError(expected('config.seed', what, config.seed));
  }
  return { model, prompt, numberOfImages, config };
}

/** Throws an `UnsupportedParameterError` that names all values which the target cannot honour. */
export function checkSupported({ config }: Pick<ImageRequest, 'config'>, target: Target): void {
  const refused = Object.entries(config).flatMap(([name, value]): UnsupportedParameter[] => {
    const rule: ConfigRule = configRules[name as keyof ImageConfig][target];
    const parameter = `config.${name}`;
    if (!rule.honoured) return [{ parameter, why: rule.why, instead: rule.instead }];
    if (rule.only === undefined || value === rule.only) return [];
    return [{ parameter, why: `only \`${String(rule.only)}\` can be honoured`, instead: rule.how }];
  });
  if (refused.length > 0) throw new UnsupportedParameterError(refused);
}

function checkConfig(config: GenerateImagesConfig): GenerateImagesConfig {
  if (typeof config !== 'object' || Array.isArray(config)) throw new TypeError(expected('config', 'an object', config));
  // Inherited values, and those behind getters, are read like any other.
  const names = new Set(Object.keys(configRules)) as Set<keyof GenerateImagesConfig>;
  for (const name in config) names.add(name as keyof GenerateImagesConfig);
  const present = Object.fromEntries(
    [...names].map((name) => [name, config[name]]).filter(([, value]) => value !== undefined && value !== null),
  ) as GenerateImagesConfig;
  checkKnown(Object.keys(present));
  expectSignal('config.abortSignal', present.abortSignal);
  expectNumber('config.numberOfImages', present.numberOfImages, 1, 'integer');
  expectText('config.aspectRatio', present.aspectRatio, /^\d+:\d+$/, 'a ratio such as "16:9"');
  expectText('config.imageSize', present.imageSize, /^\d+K?$/, 'a size such as "1K"');
  expectText('config.outputMimeType', present.outputMimeType, /^image\/[\w.+-]+$/, 'a media type such as "image/png"');
  expectNumber('config.seed', present.seed, 0, 'integer');
  checkLabels(present.labels);
  return present;
}

function checkKnown(names: readonly string[]): void {
  const known = Object.keys(configRules);
  const why = "the SDK's GenerateImagesConfig has no such name";
  const unknown = names
    .filter((name) => !known.includes(name))
    .map((name) => {
      const similar = similarName(name, known);
      const instead = similar === undefined ? 'Check its spelling.' : `Did you mean \`config.${similar}\`?`;
      return { parameter: `config.${name}`, why, instead };
    });
  if (unknown.length > 0) throw new UnsupportedParameterError(unknown);
}

function checkLabels(labels: unknown): void {
  if (labels === undefined) return;
  if (!isObject(labels) || Array.isArray(labels)) {
    throw new TypeError(expected('config.labels', 'an object of strings', labels));
  }
  for (const [key, value] of Object.entries(labels)) {
    const name = `config.labels.${key}`;
    if (typeof value !== 'string') throw new TypeError(expected(name, 'a string', value));
    if ([key, value].every((text) => Array.from(text).length <= MAX_LABEL_LENGTH)) continue;
    throw new RangeError(`Expected \`${name}\` to have a key and value of at most ${MAX_LABEL_LENGTH} characters.`);
  }
}

function expectText(name: string, value: unknown, pattern: RegExp, what: string): void {
  if (value !== undefined) expectMatch(name, value, pattern, what);
}
