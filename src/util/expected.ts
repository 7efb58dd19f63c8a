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
    if (known.includes(key)) continue;
    const similar = similarName(key, known);
    const hint = similar === undefined ? '' : ` Did you mean \`${similar}\`?`;
    throw new TypeError(`Expected \`${name}\` to have no \`${key}\`.${hint} Known are: ${known.join(', ')}.`);
  }
}

/** Finds the known name that needs the fewest changes, if these are few enough to be a slip of the finger. */
export function similarName(name: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((one, other) => one.distance - other.distance);
  const [best] = ranked;
  return best !== undefined && best.distance <= Math.max(2, name.length / 3) ? best.candidate : undefined;
}

/** Counts the letters to insert, delete or replace. Long names are cut, since the time grows with their product. */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [position, letter] of Array.from(one.slice(0, 64)).entries()) {
    const next = [position + 1];
    for (let column = 1; column <= other.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (letter === other[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
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

/** Throws unless `value` is left out or a finite number above 0. */
export function expectPositive(name: string, value: unknown): void {
  if (value === undefined) return;
  const what = 'a finite number > 0';
  if (typeof value !== 'number' || Number.isNaN(value)) throw new TypeError(expected(name, what, value));
  if (!Number.isFinite(value) || value <= 0) throw new RangeError(expected(name, what, value));
}

/** Throws unless `value` is left out or a boolean. */
export function expectBoolean(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean') throw new TypeError(expected(name, 'a boolean', value));
}

/** Throws unless `value` is left out or a function. */
export function expectFunction(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') throw new TypeError(expected(name, 'a function', value));
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
