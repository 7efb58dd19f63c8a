import { expected } from './expected.js';

/** Longest list that is read. */
export const MAX_ENTRIES = 100_000;

/** Reads an object of unknown origin. Throws a `TypeError` if it is none. */
export function expectObject(name: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new TypeError(expected(name, 'an object', value));
}

/** Reads a list of at most 100,000 entries. */
export function expectList<T>(name: string, value: unknown, parse: (name: string, value: unknown) => T): readonly T[] {
  if (!Array.isArray(value)) throw new TypeError(expected(name, 'a list', value));
  if (value.length > MAX_ENTRIES) {
    throw new TypeError(expected(name, `a list of at most ${MAX_ENTRIES} entries`, value.length));
  }
  return value.map((entry: unknown, index) => parse(`${name}[${index}]`, entry));
}

/** Reads a string that is not empty. */
export function expectText(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new TypeError(expected(name, 'a string', value));
}

/** Reads a moment in ms since the epoch. */
export function expectTime(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  throw new TypeError(expected(name, 'a time in ms since the epoch', value));
}

/** Reads a string that matches. */
export function expectMatch(name: string, value: unknown, pattern: RegExp, what: string): string {
  if (typeof value === 'string' && pattern.test(value)) return value;
  throw new TypeError(expected(name, what, value));
}

/** Reads one of some strings. */
export function expectChoice<T extends string>(name: string, value: unknown, choices: readonly T[]): T {
  const choice = choices.find((known) => known === value);
  if (choice !== undefined) return choice;
  throw new TypeError(expected(name, `one of ${choices.map((known) => `'${known}'`).join(', ')}`, value));
}

/** Reads a value that may be missing: `undefined` is `null` in JSON. */
export function optional<T>(value: unknown, parse: (value: unknown) => T): T | undefined {
  return value === undefined || value === null ? undefined : parse(value);
}
