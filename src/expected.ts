import type { Clock } from './clock.js';

/** One grammar for what was wrong with an argument: which one, what was expected, what was given. */
export function expected(name: string, what: string, value: unknown): string {
  return `Expected \`${name}\` to be ${what}, got ${describe(value)}.`;
}

/** Values that may be secret or long (strings, objects) are named by their kind only. */
function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'string') return value === '' ? 'an empty string' : 'a string';
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') {
    return `\`${String(value)}\` (${typeof value})`;
  }
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Throws unless `value` is a plain bag of options that has no names but `known`. */
export function expectKnownNames(name: string, value: unknown, known: readonly string[]): asserts value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(expected(name, 'an object', value));
  }
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) {
      throw new TypeError(`Expected \`${name}\` to have no \`${key}\`. Known are: ${known.join(', ')}.`);
    }
  }
}

/** Throws unless `value` is left out or a finite number of at least `min`. */
export function expectNumber(name: string, value: unknown, min: number, kind: 'number' | 'integer' = 'number'): void {
  if (value === undefined) return;
  const what = `${kind === 'integer' ? 'an integer' : 'a finite number'} >= ${min}`;
  if (typeof value !== 'number' || Number.isNaN(value)) throw new TypeError(expected(name, what, value));
  if (!Number.isFinite(value) || value < min || (kind === 'integer' && !Number.isInteger(value))) {
    throw new RangeError(expected(name, what, value));
  }
}

/** Throws unless `value` is left out or a boolean. */
export function expectBoolean(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean') throw new TypeError(expected(name, 'a boolean', value));
}

/** Throws unless `value` is left out or one of `choices`. */
export function expectOneOf(name: string, value: unknown, choices: readonly string[]): void {
  if (value === undefined || (typeof value === 'string' && choices.includes(value))) return;
  const what = `one of ${choices.map((choice) => `'${choice}'`).join(', ')}`;
  throw new TypeError(
    typeof value === 'string' ? `Expected \`${name}\` to be ${what}, got '${value}'.` : expected(name, what, value),
  );
}

/** Throws unless `value` is left out or an `AbortSignal`, of whichever realm. */
export function expectSignal(name: string, value: unknown): void {
  if (value === undefined) return;
  const { aborted, addEventListener } = Object(value) as Partial<AbortSignal>;
  if (typeof aborted !== 'boolean' || typeof addEventListener !== 'function') {
    throw new TypeError(expected(name, 'an AbortSignal', value));
  }
}

/** Throws unless `value` is left out or a clock. */
export function expectClock(name: string, value: unknown): asserts value is Clock | undefined {
  if (value === undefined) return;
  const { now, setTimeout, clearTimeout } = Object(value) as Record<string, unknown>;
  if ([now, setTimeout, clearTimeout].every((member) => typeof member === 'function')) return;
  throw new TypeError(expected(name, 'an object with now(), setTimeout() and clearTimeout()', value));
}
