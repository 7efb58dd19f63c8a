/** A JSON object whose fields have not been looked at yet. */
export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const timestamp = (at?: number): string | undefined => (at === undefined ? at : new Date(at).toISOString());

/** Writes counts as Google's JSON does: 64-bit numbers are strings, and those that are 0 are left out. */
export const countsOf = (counts: Readonly<Record<string, number>>): JsonObject =>
  Object.fromEntries(Object.entries(counts).flatMap(([name, n]) => (n === 0 ? [] : [[name, String(n)]])));

/** Google lets messages be nested 100 deep. */
export function isTooDeep(value: unknown, depth = 0): boolean {
  const members = typeof value === 'object' && value !== null ? Object.values(value) : [];
  return depth > 100 || members.some((member) => isTooDeep(member, depth + 1));
}

/** Makes a reader of a field, which gives undefined for a value of another type. */
const reader =
  <T>(isOne: (value: unknown) => value is T) =>
  (parent: JsonObject | undefined, name: string): T | undefined => {
    const value = parent?.[name];
    return isOne(value) ? value : undefined;
  };

export const objectAt = reader(isObject);
export const listAt = reader((value): value is unknown[] => Array.isArray(value));
export const stringAt = reader((value) => typeof value === 'string');
export const numberAt = reader((value) => typeof value === 'number');

/** All strings under `text` keys, in order, joined: the words of an `input` or of `contents`, whatever their nesting. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(textOf).filter(Boolean).join('\n');
  if (!isObject(value)) return '';
  return textOf(value['text'] ?? value['content'] ?? value['parts'] ?? '');
}
