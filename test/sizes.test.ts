import { expect, test } from 'vitest';
import { functionsIn } from '../scripts/sizes/functions.mjs';
import { circlesIn, importsIn } from '../scripts/sizes/imports.mjs';

/** Reads imports as text: `a: b c` is a file that imports two others. */
const importsOf = (text: string): Map<string, string[]> =>
  new Map(
    text.split(', ').map((entry) => {
      const [file = '', names = ''] = entry.split(':');
      return [file, names.split(' ').filter(Boolean)];
    }),
  );

test('reads each form of import, types included, and no text that looks like one', () => {
  const text = `
    import type { A } from './b.js';
    import { type B } from '../util/c.js';
    export * from './d.js';
    type E = import('./e.js').E;
    const f = await import('./f.js');
    import { readFileSync } from 'node:fs';
    // import './g.js';
    const g = "import './g.js'";`;
  const paths = ['src/x/b.ts', 'src/util/c.ts', 'src/x/d.ts', 'src/x/e.ts', 'src/x/f.ts', 'src/x/g.ts'];
  const files = [{ path: 'src/x/a.ts', text }, ...paths.map((path) => ({ path, text: '' }))];
  expect(importsIn(files).get('src/x/a.ts')).toEqual(paths.slice(0, 5));
});

test.each([
  ['no circle', 'a:b c, b:c, c:', []],
  ['two paths to one file are no circle', 'a:b c, b:d, c:d, d:', []],
  ['a file that imports itself', 'a:a', ['a']],
  ['two files', 'a:b, b:a', ['a b']],
  ['a circle that the first file only leads to', 'a:b, b:c, c:d, d:b', ['b c d']],
  ['the shortest way round', 'a:b c, b:c, c:a', ['a c', 'b c a']],
  ['two circles that share a file', 'a:b c, b:a, c:a', ['a b', 'c a']],
  ['two circles apart', 'a:b, b:a, c:d, d:c', ['a b', 'c d']],
])('finds circles: %s', (_, text, circles) => {
  expect(circlesIn(importsOf(text))).toEqual(circles.map((circle) => circle.split(' ')));
});

const sized = (text: string): readonly number[] =>
  functionsIn([{ path: 'src/a.ts', text }]).figures.map(([size]) => size);

const lines = (count: number): string => '\n'.repeat(count);

test('measures functions with a block by their lines, and classes by their fields', () => {
  expect(sized('const f = () => 1;')).toEqual([0, 0, 0, 0]);
  expect(sized(`function f() {${lines(2)}}\nconst g = () => {${lines(5)}};`)).toEqual([3, 6, 6, 0]);
  const members = ['a = 1;', '#b = 2;', 'static c = 3;', 'get d() { return 4; }', 'constructor(readonly e: number) {}'];
  expect(sized(`class A { ${members.join(' ')} }`)).toEqual([1, 1, 1, 3]);
});

test.each([
  ['a long function', `function f() {${lines(60)}}`, 'src/a.ts:1 f: 61 lines, more than 60'],
  ['a long arrow function', `const f = () => {${lines(60)}};`, 'src/a.ts:1 f: 61 lines, more than 60'],
  ['a long constructor', `class A { constructor() {${lines(60)}} }`, 'src/a.ts:1 new A: 61 lines, more than 60'],
  ['a long field', `class A { #f = () => {${lines(60)}}; }`, 'src/a.ts:1 #f: 61 lines, more than 60'],
  ['many fields', `class A { ${'a; '.repeat(17)} }`, 'src/a.ts:1 A: 17 fields, more than 16'],
])('names %s', (_, text, problem) => {
  expect(functionsIn([{ path: 'src/a.ts', text }]).problems).toContain(problem);
});

test.each([
  ['half of the functions have more than 8 lines', [1, 9, 9]],
  ['a tenth of the functions have more than 20 lines', [1, 1, 1, 1, 1, 1, 1, 1, 21, 21]],
])('refuses it if %s', (problem, sizes) => {
  const text = sizes.map((size) => `() => {${lines(size - 1)}}`).join(';');
  expect(functionsIn([{ path: 'src/a.ts', text }]).problems).toEqual([problem]);
});

test('accepts what is within its limits', () => {
  const text = [1, 8, 8].map((size) => `() => {${lines(size - 1)}}`).join(';');
  expect(functionsIn([{ path: 'src/a.ts', text }]).problems).toEqual([]);
});
