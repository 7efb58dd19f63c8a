/**
 * Models that Google has shut down, with the replacement that Google names. Imagen ended on Vertex on 2026-06-30 and on
 * the Gemini API on 2026-08-17.
 * @see https://ai.google.dev/gemini-api/docs/deprecations
 */
const replacements: Readonly<Record<string, string>> = {
  'imagen-4.0-fast-generate-001': 'gemini-3.1-flash-image',
  'imagen-4.0-generate-001': 'gemini-3.1-flash-image',
  'imagen-4.0-ultra-generate-001': 'gemini-3-pro-image',
  'gemini-2.5-flash-image': 'gemini-3.1-flash-image',
  'gemini-3.1-flash-image-preview': 'gemini-3.1-flash-image',
  'gemini-3-pro-image-preview': 'gemini-3-pro-image',
};

/** Image models that were there when this version was made. The set is open. */
export const KNOWN_MODELS = 'Image models: gemini-3.1-flash-image, gemini-3-pro-image, gemini-nano-banana-2.1.';

function baseNameOf(model: string): string {
  return model.slice(model.lastIndexOf('/') + 1);
}

export function isImagen(model: string): boolean {
  return baseNameOf(model).startsWith('imagen-');
}

export function replacementOf(model: string): string | undefined {
  const name = baseNameOf(model);
  if (Object.hasOwn(replacements, name)) return replacements[name];
  return isImagen(name) ? 'gemini-3.1-flash-image' : undefined;
}
