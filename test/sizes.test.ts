import { expect, test } from 'vitest';
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
