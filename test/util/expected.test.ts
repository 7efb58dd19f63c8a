import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../src/testing/index.js';
import {
  expectBoolean,
  expectClock,
  expected,
  expectKnownNames,
  expectNumber,
  expectOneOf,
  expectSignal,
  similarName,
} from '../../src/util/expected.js';

describe('expected()', () => {
  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    ['', 'an empty string'],
    ['a secret', 'a string'],
    [7, '`7` (number)'],
    [10n, '`10` (bigint)'],
    [false, '`false` (boolean)'],
    [[], 'an array'],
    [{}, 'an object'],
    [() => undefined, 'a function'],
    [Symbol('a'), 'a symbol'],
  ])('names what %o is, and no secret', (value, kind) => {
    expect(expected('x', 'more', value)).toBe(`Expected \`x\` to be more, got ${kind}.`);
  });
});

describe('expectKnownNames()', () => {
  it('takes known names, and says which one may be meant by another', () => {
    expect(() => expectKnownNames('o', { one: 1 }, ['one', 'two'])).not.toThrow();
    expect(() => expectKnownNames('o', { tow: 1 }, ['one', 'two'])).toThrow(
      'Expected `o` to have no `tow`. Did you mean `two`? Known are: one, two.',
    );
    expect(() => expectKnownNames('o', { elsewhere: 1 }, ['one'])).toThrow(
      'Expected `o` to have no `elsewhere`. Known are: one.',
    );
  });

  it.each([undefined, null, [], 'text', () => undefined])('refuses %o', (value) => {
    expect(() => expectKnownNames('o', value, [])).toThrow(TypeError);
  });
});

describe('similarName()', () => {
  it('finds the closest name, whatever the case of its letters', () => {
    expect(similarName('TIMEOUTMS', ['tag', 'timeoutMs', 'cancelTimeoutMs'])).toBe('timeoutMs');
    expect(similarName('elsewhere', ['tag'])).toBeUndefined();
  });
});

describe('the checks of one value', () => {
  it.each([
    [() => expectNumber('n', 1, 1), undefined],
    [() => expectNumber('n', undefined, 1), undefined],
    [() => expectNumber('n', 1.5, 1, 'integer'), RangeError],
    [() => expectNumber('n', 0, 1), RangeError],
    [() => expectNumber('n', Infinity, 1), RangeError],
    [() => expectNumber('n', NaN, 1), TypeError],
    [() => expectNumber('n', '1', 1), TypeError],
    [() => expectNumber('n', 0.1, 0, 'above'), undefined],
    [() => expectNumber('n', 0, 0, 'above'), RangeError],
    [() => expectNumber('n', Infinity, 0, 'above'), RangeError],
    [() => expectNumber('n', NaN, 0, 'above'), TypeError],
    [() => expectBoolean('b', false), undefined],
    [() => expectBoolean('b', 0), TypeError],
    [() => expectOneOf('c', 'a', ['a']), undefined],
    [() => expectOneOf('c', 'b', ['a']), TypeError],
    [() => expectOneOf('c', 7, ['a']), TypeError],
    [() => expectSignal('s', new AbortController().signal), undefined],
    [() => expectSignal('s', { aborted: false }), TypeError],
    [() => expectSignal('s', null), TypeError],
    [() => expectClock('c', createVirtualClock()), undefined],
    [() => expectClock('c', { now: () => 0 }), TypeError],
    [() => expectClock('c', null), TypeError],
  ])('%s', (check, error) => {
    if (error === undefined) expect(check).not.toThrow();
    else expect(check).toThrow(error);
  });
});
