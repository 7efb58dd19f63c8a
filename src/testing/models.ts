/** Image models in the lists of Google's SDKs. A `*` at the end stands for any letters. */
const KNOWN_MODELS = [
  'gemini-3.1-flash-image',
  'gemini-3.1-flash-lite-image',
  'gemini-3-pro-image',
  'gemini-nano-banana-2.1',
  'gemini-2.5-flash-image',
  'imagen-*',
];

export const RETIRED_MODELS: readonly string[] = [
  'imagen-*',
  'gemini-2.5-flash-image',
  'gemini-3.1-flash-image-preview',
  'gemini-3-pro-image-preview',
];

export const isListed = (model: string, names: readonly string[]): boolean =>
  names.some((name) => (name.endsWith('*') ? model.startsWith(name.slice(0, -1)) : model === name));

export const knownModels = (retired: readonly string[]): string =>
  KNOWN_MODELS.filter((model) => !isListed(model, retired)).join(', ');

export const isKnown = (model: string): boolean => isListed(model, KNOWN_MODELS);
/** Tells whether interactions of a model make JPEGs for any request, as those of Gemini 3 do. */
export const makesJpegs = (model: string): boolean => isKnown(model) && /^gemini-(3|nano-banana)/.test(model);
