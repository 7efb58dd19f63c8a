import { readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ESLint } from 'eslint';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { layerOf, layers } from '../scripts/layers.mjs';

const src = join(import.meta.dirname, '../src');
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join(src, name));

const entry = join(src, 'index.ts');
const names = Object.keys(layers);

// The rule needs no types: reading the program of each file would take seconds.
const eslint = new ESLint({
  ruleFilter: ({ ruleId }) => ruleId === 'layers/downwards',
  overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
});

/** Lints a text in the place of a file, with the configuration of the project. */
async function complaintsAbout(file: string, text: string): Promise<string[]> {
  const [result] = await eslint.lintText(text, { filePath: file });
  return (result?.messages ?? []).map(({ message }) => message);
}

function fileIn(layer: string): string {
  const file = files.find((path) => layerOf(path) === layer);
  if (file === undefined) throw new Error(`${layer}/ has no file.`);
  return file;
}

function specifier(from: string, to: string): string {
  const path = relative(dirname(from), to).replace(/\.ts$/, '.js');
  return path.startsWith('.') ? path : `./${path}`;
}

const value = (path: string): string => `import { one } from '${path}';`;
const type = (path: string): string => `import type { One } from '${path}';`;

/** The layers above a layer, or beside it. */
const forbiddenTo = (layer: string): string[] =>
  names.filter((other) => other !== layer && !layers[layer]?.includes(other));

const upward = names.flatMap((layer) => forbiddenTo(layer).map((other) => [layer, other] as const));

describe('lint', () => {
  beforeAll(() => eslint.calculateConfigForFile(entry), 60_000);

  it.each(upward)('refuses imports into %s/ from %s/', async (layer, other) => {
    const file = fileIn(layer);
    const path = specifier(file, fileIn(other));
    const message = `${layer}/ may not import from ${other}/: imports go down the layers only.`;
    expect(await complaintsAbout(file, value(path))).toEqual([message]);
    expect(await complaintsAbout(file, type(path))).toEqual([message]);
  });

  it.each(names)('refuses imports into %s/ from an entry', async (layer) => {
    const file = fileIn(layer);
    const message = `${layer}/ may not import an entry.`;
    expect(await complaintsAbout(file, value(specifier(file, entry)))).toEqual([message]);
    expect(await complaintsAbout(file, type(specifier(file, entry)))).toEqual([message]);
  });

  it.each(names)('accepts imports into %s/ from itself, and from each layer below', async (layer) => {
    const file = fileIn(layer);
    const paths = [layer, ...(layers[layer] ?? [])].map((lower) => specifier(file, fileIn(lower)));
    expect(await complaintsAbout(file, paths.flatMap((path) => [value(path), type(path)]).join('\n'))).toEqual([]);
  });

  it.each([
    ["export { one } from 'PATH';"],
    ["export type { One } from 'PATH';"],
    ["export * from 'PATH';"],
    ["export const one = await import('PATH');"],
    ["export type One = import('PATH').One;"],
  ])('refuses %s as well', async (form) => {
    const file = fileIn('util');
    const text = form.replace('PATH', specifier(file, fileIn('client')));
    expect(await complaintsAbout(file, text)).toEqual([expect.stringContaining('util/ may not import from client/')]);
  });
});

test('the layers are in order: each imports only from those before it', () => {
  for (const [index, name] of names.entries()) {
    const before = names.slice(0, index);
    expect(layers[name]?.filter((lower) => !before.includes(lower))).toEqual([]);
  }
});

test('each file in a folder of src belongs to a layer', () => {
  const strays = files.filter((file) => layerOf(file) === undefined && dirname(file) !== src);
  expect(strays).toEqual([]);
});
