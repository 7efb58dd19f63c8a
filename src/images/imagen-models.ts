/** A model, and how much it shall think where that is part of Google's advice. */
export interface Replacement {
  readonly model: string;
  readonly thinkingLevel?: 'minimal';
}

/**
 * What Google names in place of the Imagen models that were shut down: Imagen 4 on the Gemini API on 2026-08-17, Imagen 3
 * on Vertex on 2026-06-30.
 * @see https://ai.google.dev/gemini-api/docs/deprecations
 */
const replacements: Readonly<Record<string, Replacement>> = {
  'imagen-4.0-fast-generate-001': { model: 'gemini-3.1-flash-image', thinkingLevel: 'minimal' },
  'imagen-4.0-generate-001': { model: 'gemini-3.1-flash-image' },
  'imagen-4.0-ultra-generate-001': { model: 'gemini-3-pro-image' },
};

/** The last part of a model's resource name. */
function baseNameOf(model: string): string {
  return model.slice(model.lastIndexOf('/') + 1);
}

export function isImagen(model: string): boolean {
  return baseNameOf(model).startsWith('imagen-');
}

/** What to use in place of a model that has been shut down on this host; `undefined` for a model that works, as far as known. */
export function replacementOf(model: string, isVertex: boolean): Replacement | undefined {
  const name = baseNameOf(model);
  if (!isImagen(name)) return undefined;
  // On the Gemini API all of Imagen is gone; on Vertex, version 3 is.
  if (isVertex && !name.startsWith('imagen-3')) return undefined;
  return replacements[name] ?? { model: 'gemini-3.1-flash-image' };
}
