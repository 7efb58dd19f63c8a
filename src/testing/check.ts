import { didYouMean } from '../util/expected.js';

/** A test of an untrusted value, and the words for what passes it. */
export interface Check {
  readonly words: string;
  readonly passes: (value: unknown) => boolean;
}

export type Checks = Readonly<Record<string, Check>>;

const check = (words: string, passes: Check['passes']): Check => ({ words, passes });

export const anything = check('anything', () => true);
export const text = check('a string', (value) => typeof value === 'string');
export const flag = check('true or false', (value) => typeof value === 'boolean');
export const callback = check('a function', (value) => typeof value === 'function');
export const object = check('an object', (value) => typeof value === 'object' && value !== null);
export const clock = check('a clock, with now(), setTimeout() and clearTimeout()', (value) => {
  const { now, setTimeout, clearTimeout } = Object(value) as Record<string, unknown>;
  return [now, setTimeout, clearTimeout].every((member) => typeof member === 'function');
});
export const time = check('a finite number', (value) => Number.isFinite(value));
export const amount = check('a number >= 0', (value) => typeof value === 'number' && value >= 0);
export const duration = check('a finite number >= 0', (value) => amount.passes(value) && value !== Infinity);

export const integer = (least: number): Check =>
  check(`an integer >= ${least}`, (value) => Number.isInteger(value) && (value as number) >= least);

export const oneOf = (...values: readonly unknown[]): Check =>
  check(`one of ${values.map((value) => JSON.stringify(value)).join(', ')}`, (value) => values.includes(value));

export const either = (...checks: readonly [Check, Check]): Check =>
  check(checks.map(({ words }) => words).join(' or '), (value) => checks.some(({ passes }) => passes(value)));

export const listOf = (item: Check): Check =>
  check(`a list, each item of it ${item.words}`, (value) => Array.isArray(value) && value.every(item.passes));

export function objectOf(fields: Checks): Check {
  const known = Object.entries(fields).map(([name, { words }]) => `\`${name}\` (${words})`);
  const passes = ([name, value]: [string, unknown]): boolean =>
    value === undefined || fields[name]?.passes(value) === true;
  return check(
    `an object with ${known.join(', ')}`,
    (value) => object.passes(value) && Object.entries(value as object).every(passes),
  );
}

export function verify(name: string, value: unknown, { words, passes }: Check): void {
  if (passes(value)) return;
  const told = typeof value === 'number' ? value : JSON.stringify(value);
  throw new TypeError(`Expected \`${name}\` to be ${words}, got \`${told}\` (${typeof value})`);
}

/** Returns the fields of an object, each of them verified. `undefined` counts as left out, inherited fields as given. */
export function verifyFields(noun: string, given: object, known: Checks): Record<string, unknown> {
  verify('options', given, object);
  for (const name in given) if (!Object.hasOwn(known, name)) throw unknownName(noun, name, Object.keys(known));
  const values = given as Record<string, unknown>;
  const names = Object.keys(known).filter((name) => values[name] !== undefined);
  for (const name of names) verify(name, values[name], known[name] ?? anything);
  return Object.fromEntries(names.map((name) => [name, values[name]]));
}

export const unknownName = (noun: string, name: unknown, known: readonly string[]): TypeError =>
  new TypeError(`Unknown ${noun} \`${String(name)}\`.${didYouMean(String(name), known)} Known: ${known.join(', ')}`);
