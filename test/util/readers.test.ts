import { describe, expect, it } from 'vitest';
import {
  expectChoice,
  expectFields,
  expectList,
  expectMatch,
  expectObject,
  expectText,
  expectTime,
} from '../../src/util/expected.js';

describe('the readers of values of unknown origin', () => {
  it('take objects, and no lists', () => {
    const value = {};
    expect(expectObject('o', value)).toBe(value);
    for (const other of [[], null, 'text', undefined]) expect(() => expectObject('o', other)).toThrow(TypeError);
    expect(() => expectObject('o', [])).toThrow('Expected `o` to be an object, got an array.');
  });

  it('take lists of 100,000 entries and no more', () => {
    const list = Array.from({ length: 100_000 }, () => 0);
    expect(expectList('a list', list, (_, entry) => entry)).toHaveLength(100_000);
    expect(() => expectList('l', [...list, 0], (_, entry) => entry)).toThrow(
      'Expected `l` to be a list of at most 100000 entries, got `100001` (number).',
    );
    expect(() => expectList('l', { length: 0 }, (_, entry) => entry)).toThrow('Expected `l` to be a list');
  });

  it('name the entry that is wrong', () => {
    expect(expectList('l', ['a', 'b'], expectText)).toEqual(['a', 'b']);
    expect(() => expectList('l', ['a', 7], expectText)).toThrow('Expected `l[1]` to be a string, got `7` (number).');
  });

  it('take texts that are not empty', () => {
    expect(expectText('t', ' ')).toBe(' ');
    expect(() => expectText('t', '')).toThrow('Expected `t` to be a string, got an empty string.');
  });

  it('take times from the epoch on', () => {
    expect(expectTime('t', 0)).toBe(0);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1, '0', null])('take %o for no time', (value) => {
    expect(() => expectTime('t', value)).toThrow(TypeError);
  });

  it('take what matches', () => {
    expect(expectMatch('m', 'abc', /^a/, 'a word with a')).toBe('abc');
    expect(() => expectMatch('m', 'bcd', /^a/, 'a word with a')).toThrow('Expected `m` to be a word with a');
    expect(() => expectMatch('m', ['abc'], /^a/, 'a word with a')).toThrow(TypeError);
  });

  it('take one of some strings, and none that would become one', () => {
    expect(expectChoice('c', 'b', ['a', 'b'])).toBe('b');
    expect(() => expectChoice('c', ['b'], ['a', 'b'])).toThrow("Expected `c` to be one of 'a', 'b', got an array.");
  });

  it('read what is there, however empty', () => {
    const given = [0, '', false, undefined, null].map((value) =>
      expectFields('parent', { value }, {}, { value: (name: string, found: unknown) => `${name}: ${String(found)}` }),
    );
    const [zero, empty, no, ...missing] = given.map(({ value }) => value);
    expect([zero, empty, no]).toEqual(['parent.value: 0', 'parent.value: ', 'parent.value: false']);
    expect(missing).toEqual([undefined, undefined]);
    expect(given.slice(3)).toStrictEqual([{}, {}]);
    expect(() => expectFields('parent', { value: null }, { value: expectText }, {})).toThrow('`parent.value`');
  });
});
