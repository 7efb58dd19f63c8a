/** One grammar for what was wrong with an argument: which one, what was expected, what was given. */
export function expected(name: string, what: string, value: unknown): string {
  return `Expected \`${name}\` to be ${what}, got ${describe(value)}.`;
}

/** Values that may be secret or long (strings, objects) are named by their kind only. */
function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (value === '') return 'an empty string';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') {
    return `\`${String(value)}\` (${typeof value})`;
  }
  return `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
}

/** Throws unless `value` is a plain bag of options that has no names but `known`. */
export function expectKnownNames(name: string, value: unknown, known: readonly string[]): asserts value is object {
  const bag = expectObject(name, value);
  if (isSignal(bag))
    throw new TypeError(`Expected \`${name}\` to be options, got an AbortSignal: pass { cancelSignal }.`);
  // Inherited names count as well; methods of a class are no options.
  for (const key in bag) {
    if (known.includes(key) || (!Object.hasOwn(bag, key) && typeof bag[key] === 'function')) continue;
    const hint = didYouMean(key, known);
    throw new TypeError(`Expected \`${name}\` to have no \`${key}\`.${hint} Known are: ${known.join(', ')}.`);
  }
}

/** Returns a sentence that asks for the known name which looks like this one. Empty if there is none. */
export function didYouMean(name: string, known: readonly string[]): string {
  const similar = similarName(name, known);
  return similar === undefined ? '' : ` Did you mean \`${similar}\`?`;
}

/** Finds the known name that needs the fewest changes, if these are few enough to be a slip of the finger. */
export function similarName(name: string, known: readonly string[]): string | undefined {
  const distances = known.map((candidate) => editDistance(name.toLowerCase(), candidate.toLowerCase()));
  const least = Math.min(...distances);
  return least <= Math.max(2, name.length / 3) ? known[distances.indexOf(least)] : undefined;
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

const AMOUNTS = { number: 'a finite number >=', integer: 'an integer >=', above: 'a finite number >' };

/** Throws unless `value` is left out or a finite number of at least `min`, or above it. */
export function expectNumber(name: string, value: unknown, min: number, kind: keyof typeof AMOUNTS = 'number'): void {
  if (value === undefined) return;
  const what = `${AMOUNTS[kind]} ${min}`;
  if (typeof value !== 'number' || Number.isNaN(value)) throw new TypeError(expected(name, what, value));
  const isInRange = kind === 'above' ? value > min : value >= min;
  if (isInRange && (kind === 'integer' ? Number.isInteger(value) : Number.isFinite(value))) return;
  throw new RangeError(expected(name, what, value));
}

/** Makes a check that throws unless `value` is left out or such a one. */
export const optional =
  (what: string, isOne: (value: unknown) => boolean) =>
  (name: string, value: unknown): void => {
    if (value !== undefined && !isOne(value)) throw new TypeError(expected(name, what, value));
  };

export const expectBoolean = optional('a boolean', (value) => typeof value === 'boolean');
export const expectFunction = optional('a function', (value) => typeof value === 'function');
/** Takes an `AbortSignal` of whichever realm. */
export const expectSignal = optional('an AbortSignal', (value) => isSignal(Object(value) as object));
export const expectClock = optional('an object with now(), setTimeout() and clearTimeout()', (value) => {
  const { now, setTimeout, clearTimeout } = Object(value) as Record<string, unknown>;
  return [now, setTimeout, clearTimeout].every((member) => typeof member === 'function');
});

export function expectOneOf(name: string, value: unknown, choices: readonly string[]): void {
  if (value === undefined || (typeof value === 'string' && choices.includes(value))) return;
  if (typeof value !== 'string') throw new TypeError(expected(name, oneOf(choices), value));
  throw new TypeError(`Expected \`${name}\` to be ${oneOf(choices)}, got '${value}'.${didYouMean(value, choices)}`);
}

function isSignal(value: object): boolean {
  const { aborted, addEventListener } = value as Partial<AbortSignal>;
  return typeof aborted === 'boolean' && typeof addEventListener === 'function';
}

/** Makes a reader of values of unknown origin, which throws a `TypeError` for any other. */
export const reader =
  <T>(what: string, isOne: (value: unknown) => value is T) =>
  (name: string, value: unknown): T => {
    if (isOne(value)) return value;
    throw new TypeError(expected(name, what, value));
  };

export const expectObject = reader(
  'an object',
  (value): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value),
);
export const expectText = reader('a string', (value): value is string => typeof value === 'string' && value !== '');
export const expectTime = reader(
  'a time in ms since the epoch',
  (value): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0,
);

/** Takes an absolute address of http or https, as a text or a `URL`. */
export const expectHttpUrl = reader(
  'an address that begins with https:// or http://',
  (value): value is string | URL => /^https?:\/\//.test(String(value)) && URL.canParse(String(value)),
);

export const MAX_ENTRIES = 100_000;

export function expectList<T>(name: string, value: unknown, parse: (name: string, value: unknown) => T): readonly T[] {
  if (!Array.isArray(value)) throw new TypeError(expected(name, 'a list', value));
  if (value.length > MAX_ENTRIES) {
    throw new TypeError(expected(name, `a list of at most ${MAX_ENTRIES} entries`, value.length));
  }
  return value.map((entry: unknown, index) => parse(`${name}[${index}]`, entry));
}

/** Reads a list that is not empty. */
export function expectSome<T>(name: string, value: unknown, parse: (name: string, value: unknown) => T): readonly T[] {
  const some = expectList(name, value, parse);
  if (some.length === 0) throw new TypeError(expected(name, 'a list that is not empty', value));
  return some;
}

/** Makes a reader of texts of one form. */
export const matching = (pattern: RegExp, what: string) =>
  reader(what, (value): value is string => typeof value === 'string' && pattern.test(value));

export const expectMatch = (name: string, value: unknown, pattern: RegExp, what: string): string =>
  matching(pattern, what)(name, value);

export function expectChoice<T extends string>(name: string, value: unknown, choices: readonly T[]): T {
  if (choices.includes(value as T)) return value as T;
  throw new TypeError(expected(name, oneOf(choices), value));
}

const oneOf = (choices: readonly string[]): string => `one of ${choices.map((choice) => `'${choice}'`).join(', ')}`;

type Parsers = Readonly<Record<string, (name: string, value: unknown) => unknown>>;
type Parsed<P extends Parsers> = { readonly [Key in keyof P]: ReturnType<P[Key]> };

/** Reads the fields of an object: those that it must have, and those that it may have; `null` counts as missing. */
export function expectFields<Required extends Parsers, Optional extends Parsers>(
  name: string,
  value: unknown,
  required: Required,
  optional: Optional,
): Parsed<Required> & Partial<Parsed<Optional>> {
  const given = expectObject(name, value);
  const fields = Object.entries({ ...required, ...optional })
    .filter(([key]) => key in required || (given[key] ?? undefined) !== undefined)
    .map(([key, parse]) => [key, parse(`${name}.${key}`, given[key])]);
  return Object.fromEntries(fields) as Parsed<Required> & Partial<Parsed<Optional>>;
}
