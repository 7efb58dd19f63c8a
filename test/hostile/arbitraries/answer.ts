import fc from 'fast-check';
import { fieldName, jsonText, rubbish } from './json.js';

/** One change to a JSON value. `at` picks the place: the number of any value in it, counted in order and around. */
export type Edit =
  | { readonly kind: 'replace'; readonly at: number; readonly text: string }
  | { readonly kind: 'remove'; readonly at: number }
  | { readonly kind: 'add'; readonly at: number; readonly name: string; readonly text: string }
  /** The same field twice: the later one counts. */
  | { readonly kind: 'repeat'; readonly at: number; readonly text: string };

/** A change to the body of an answer. */
export type Body =
  | { readonly kind: 'edited'; readonly edits: readonly Edit[] }
  | { readonly kind: 'replaced'; readonly text: string }
  /** Cut at a part of its bytes, from 0 to 1. */
  | { readonly kind: 'cut'; readonly part: number; readonly how: 'end' | 'error' | 'stall' }
  | { readonly kind: 'binary'; readonly bytes: Uint8Array }
  | { readonly kind: 'same' };

/** A change to a whole answer. */
export interface Spoiling {
  readonly body: Body;
  /** In place of the one that it has. */
  readonly status?: number;
  readonly contentType?: string;
  readonly bom: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

const at = fc.nat({ max: 400 });
const edit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('replace' as const), at, text: jsonText }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('add' as const), at, name: fieldName, text: jsonText }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('repeat' as const), at, text: jsonText }) },
);

const body: fc.Arbitrary<Body> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('edited' as const),
      edits: fc.array(edit, { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('replaced' as const), text: rubbish }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('cut' as const),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
      how: fc.constantFrom('end' as const, 'error' as const, 'stall' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('binary' as const), bytes: fc.uint8Array({ maxLength: 40 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'same' as const }) },
);

const status = fc.constantFrom(
  200,
  201,
  204,
  206,
  299,
  301,
  304,
  400,
  401,
  403,
  404,
  408,
  409,
  429,
  499,
  500,
  501,
  503,
  504,
  599,
);
const contentType = fc.constantFrom(
  '',
  'text/html',
  'text/plain',
  'application/json',
  'text/event-stream',
  'image/png',
  'application/json; charset=utf-16',
);
const headers = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.record({
      'retry-after': fc.constantFrom(
        '0',
        '-1',
        '1e9',
        '9'.repeat(400),
        'NaN',
        'Infinity',
        '',
        'soon',
        'Fri, 31 Dec 9999 23:59:59 GMT',
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { 'content-length': '3' },
      { 'content-encoding': 'gzip' },
      { location: 'https://elsewhere.invalid/' },
    ),
  },
);

/** Anything that a server can make of an answer. */
export const spoiling: fc.Arbitrary<Spoiling> = fc.record(
  { body, status: fc.option(status, { nil: 200, freq: 3 }), contentType, bom: fc.boolean(), headers },
  { requiredKeys: ['body', 'bom', 'headers'] },
);

/** An answer that is JSON and 200, and wrong inside. */
export const wrongInside: fc.Arbitrary<Spoiling> = fc
  .array(edit, { minLength: 1, maxLength: 5 })
  .map((edits) => ({ body: { kind: 'edited' as const, edits }, bom: false, headers: {} }));
