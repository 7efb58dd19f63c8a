import { describe, expect, it } from 'vitest';
import { isObject, objectsIn, parseJson } from '../../src/util/json.js';

describe('isObject()', () => {
  it('is true of all that has properties of its own', () => {
    expect([{}, [], new Error('x')].map(isObject)).toEqual([true, true, true]);
    expect([null, undefined, 'text', 7, () => undefined].map(isObject)).toEqual(Array(5).fill(false));
  });
});

describe('objectsIn()', () => {
  it('leaves out of a list what is no object', () => {
    expect(objectsIn([{ a: 1 }, null, 'text', { b: 2 }])).toEqual([{ a: 1 }, { b: 2 }]);
  });

  it.each([undefined, null, 'text', { 0: {}, length: 1 }])('finds none in %o', (value) => {
    expect(objectsIn(value)).toEqual([]);
  });
});

describe('parseJson()', () => {
  it('reads JSON, and nothing else', () => {
    expect(parseJson('{"a":[1]}')).toEqual({ a: [1] });
    expect(parseJson('null')).toBeNull();
    for (const text of ['', '{', '<html>', 'undefined']) expect(parseJson(text)).toBeUndefined();
  });
});
