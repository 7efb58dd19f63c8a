import { UnsupportedParameterError } from '../errors/unsupported-parameter-error.js';
import { expectKnownNames, expectNumber, expectSignal, expected } from '../expected.js';
import { interactionsConfigRules, type ConfigRule } from './config-table.js';
import type { GenerateImagesConfig, GenerateImagesParameters } from './types.js';

/** Parameters that were checked: what a backend builds its requests from. */
export interface ImageRequest {
  readonly model: string;
  readonly prompt: string;
  readonly numberOfImages: number;
  readonly aspectRatio: string | undefined;
  readonly imageSize: string | undefined;
  readonly outputMimeType: string | undefined;
  readonly seed: number | undefined;
  readonly labels: Readonly<Record<string, string>> | undefined;
}

const MAX_SEED = 2 ** 31 - 1;
const MAX_LABEL_LENGTH = 63;

/** Checks the parameters of `generateImages`. Throws a `TypeError`, `RangeError` or `UnsupportedParameterError`. */
export function checkParameters(parameters: GenerateImagesParameters): ImageRequest {
  expectKnownNames('parameters', parameters, ['model', 'prompt', 'config']);
  expectText('model', parameters.model);
  expectText('prompt', parameters.prompt);
  const config = checkConfig(parameters.config ?? {});
  const numberOfImages = config.numberOfImages ?? 1;
  return {
    model: parameters.model,
    prompt: parameters.prompt,
    numberOfImages,
    aspectRatio: config.aspectRatio,
    imageSize: config.imageSize,
    outputMimeType: config.outputMimeType,
    seed: checkSeed(config.seed, numberOfImages),
    labels: checkLabels(config.labels),
  };
}

function checkConfig(config: GenerateImagesConfig): GenerateImagesConfig {
  if (typeof config !== 'object' || Array.isArray(config)) throw new TypeError(expected('config', 'an object', config));
  for (const [name, value] of Object.entries(config)) {
    if (value !== undefined && value !== null) checkSupported(name, value);
  }
  const present = Object.fromEntries(
    Object.entries(config).filter(([, value]) => value !== null),
  ) as GenerateImagesConfig;
  expectSignal('config.abortSignal', present.abortSignal);
  expectNumber('config.numberOfImages', present.numberOfImages, 1, 'integer');
  if (present.aspectRatio !== undefined)
    expectText('config.aspectRatio', present.aspectRatio, /^\d+:\d+$/, 'a ratio such as "16:9"');
  if (present.imageSize !== undefined)
    expectText('config.imageSize', present.imageSize, /^\d+K?$/, 'a size such as "1K"');
  if (present.outputMimeType !== undefined) {
    expectText(
      'config.outputMimeType',
      present.outputMimeType,
      /^image\/[\w.+-]+$/,
      'a media type such as "image/png"',
    );
  }
  return present;
}

function checkSupported(name: string, value: unknown): void {
  const rule: ConfigRule | undefined = Object.hasOwn(interactionsConfigRules, name)
    ? interactionsConfigRules[name as keyof GenerateImagesConfig]
    : undefined;
  if (rule === undefined) {
    throw new UnsupportedParameterError(
      `config.${name}`,
      "the SDK's GenerateImagesConfig has no such name",
      'Check its spelling.',
    );
  }
  if (!rule.honoured) throw new UnsupportedParameterError(`config.${name}`, rule.why, rule.instead);
  if (name === 'includeRaiReason' && value !== true) {
    throw new UnsupportedParameterError(
      'config.includeRaiReason',
      'the reason of a refusal is always reported',
      'Leave it out.',
    );
  }
}

function checkSeed(seed: unknown, numberOfImages: number): number | undefined {
  expectNumber('config.seed', seed, 0, 'integer');
  if (seed === undefined) return undefined;
  if ((seed as number) + numberOfImages - 1 > MAX_SEED) {
    throw new RangeError(
      expected('config.seed', `at most 2^31-1 for every image (image i is made with seed + i)`, seed),
    );
  }
  return seed as number;
}

function checkLabels(labels: unknown): Readonly<Record<string, string>> | undefined {
  if (labels === undefined) return undefined;
  if (typeof labels !== 'object' || labels === null || Array.isArray(labels)) {
    throw new TypeError(expected('config.labels', 'an object of strings', labels));
  }
  for (const [key, value] of Object.entries(labels) as [string, unknown][]) {
    if (typeof value !== 'string') throw new TypeError(expected(`config.labels.${key}`, 'a string', value));
    if (Array.from(key).length > MAX_LABEL_LENGTH || Array.from(value).length > MAX_LABEL_LENGTH) {
      throw new RangeError(
        `Expected \`config.labels.${key}\` to have a key and value of at most ${MAX_LABEL_LENGTH} characters.`,
      );
    }
  }
  return { ...(labels as Record<string, string>) };
}

function expectText(
  name: string,
  value: unknown,
  pattern = /\S/,
  what = 'a string that is not empty',
): asserts value is string {
  if (typeof value !== 'string' || !pattern.test(value)) throw new TypeError(expected(name, what, value));
}
