/** A JSON object whose fields have not been looked at yet. */
export type JsonObject = Record<string, unknown>;

/** Whether a parsed value is an object, so neither a list nor null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Writes a time as most of Google's APIs do. */
export const timestamp = (at?: number): string | undefined => (at === undefined ? at : new Date(at).toISOString());

/** Writes counts as Google's JSON does: 64-bit numbers are strings, and those that are 0 are left out. */
export const countsOf = (counts: Readonly<Record<string, number>>): JsonObject =>
  Object.fromEntries(Object.entries(counts).flatMap(([name, n]) => (n === 0 ? [] : [[name, String(n)]])));

/** How deep Google lets messages be nested. */
const MAX_DEPTH = 100;

/** Whether a parsed value is nested deeper than any message may be. */
export function isTooDeep(value: unknown): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one as JsonObject) : []));
  }
  return false;
}

/** The field when it is an object, else undefined. */
export const objectAt = (parent: JsonObject | undefined, name: string): JsonObject | undefined => {
  const value = parent?.[name];
  return isObject(value) ? value : undefined;
};

/** The field when it is a string, else undefined. */
export const stringAt = (parent: JsonObject | undefined, name: string): string | undefined =>
  typeof parent?.[name] === 'string' ? parent[name] : undefined;

/** The field when it is a number, else undefined. */
export const numberAt = (parent: JsonObject | undefined, name: string): number | undefined =>
  typeof parent?.[name] === 'number' ? parent[name] : undefined;

/** All strings under `text` keys, in order, joined: the words of an `input` or of `contents`, whatever their nesting. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(textOf).filter(Boolean).join('\n');
  if (!isObject(value)) return '';
  return textOf(value['text'] ?? value['content'] ?? value['parts'] ?? '');
}
