import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const rows = readFileSync(join(root, 'docs/traps.md'), 'utf8').match(/^\| \d+ .*$/gm) ?? [];
const numberOf = (row: string): number => Number(/\d+/.exec(row));

/** The pairs of a trap and a test file, in order, each as `#12 test/pitfalls/row.test.ts`. */
const pairs = (found: readonly string[]): readonly string[] => [...new Set(found)].sort();

const linked = rows.flatMap((row) =>
  [...row.matchAll(/\]\(\.\.\/(.*?)\)/g)].map(([, file = '']) => `#${numberOf(row)} ${file}`),
);

const tests = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.test.ts'),
);

const mentioned = tests.flatMap((name) => {
  const path = join(root, 'test', name);
  const numbers = readFileSync(path, 'utf8').match(/(?<!\w)#\d+\b/g) ?? [];
  // This file only has an example.
  return path === import.meta.filename ? [] : numbers.map((number) => `${number} ${relative(root, path)}`);
});

it('the table has the traps 1 to 100 and later ones, each once and in order', () => {
  expect(rows.length).toBeGreaterThanOrEqual(100);
  expect(rows.map(numberOf)).toEqual(rows.map((_, index) => index + 1));
});

it('each trap has a test, or says why it needs none', () => {
  expect(rows.filter((row) => !/\]\(|By construction: /.test(row))).toEqual([]);
});

it('the table names the tests that carry the number of a trap, and no others', () => {
  expect(pairs(linked)).toEqual(pairs(mentioned));
});
