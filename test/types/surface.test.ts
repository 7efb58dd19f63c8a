import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

/** The entries of the package, under the names that the type tests import them by. */
const ENTRIES = {
  library: 'src/index.ts',
  testing: 'src/testing/index.ts',
  files: 'src/file-journal.ts',
  http: 'src/http.ts',
  webhooks: 'src/webhooks.ts',
};

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = ts.createProgram(
  Object.values(ENTRIES).map((file) => root + file),
  { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022, noResolve: false, types: [], skipLibCheck: true },
);
const folder = new URL('.', import.meta.url);
const typeTests = readdirSync(folder)
  .filter((file) => file.endsWith('.test-d.ts'))
  .map((file) => readFileSync(new URL(file, folder), 'utf8'))
  .join('\n');

// A name that is exported and has no type test would be the one whose type breaks unseen.
test.each(Object.entries(ENTRIES))('every export of %s has a type test', (name, file) => {
  const exported = exportsOf(root + file);
  expect(exported.length).toBeGreaterThan(0);
  expect(exported.filter((each) => !new RegExp(`\\b${name}\\.${each}\\b`).test(typeTests))).toEqual([]);
});

const VALUES = [
  'GenaiCancelError',
  'MayBeRunningError',
  'NotStartedError',
  'OperationCancelledError',
  'OperationFailedError',
  'RemoteError',
  'UnsupportedParameterError',
  'cancelable',
  'memoryJournal',
  'postgresJournal',
  'readJournal',
  'redisJournal',
  'saveImage',
  'warmFetch',
];

test.each([
  ['the core', () => import('../../src/index.js'), VALUES],
  ['the entry of Node', () => import('../../src/node.js'), VALUES],
  ['genai-cancel/file-journal', () => import('../../src/file-journal.js'), ['fileJournal']],
  ['genai-cancel/http', () => import('../../src/http.js'), ['signalFromRequest']],
  ['genai-cancel/webhooks', () => import('../../src/webhooks.js'), ['receiver']],
  [
    'genai-cancel/testing',
    () => import('../../src/testing/index.js'),
    ['createEmulator', 'createVirtualClock', 'journalChecks', 'mswHandlers'],
  ],
] as const)('%s exports these values, and no others', async (_, load, values) => {
  expect(Object.keys(await load()).sort()).toEqual(values);
});

function exportsOf(file: string): string[] {
  const source = program.getSourceFile(file);
  const symbol = source && program.getTypeChecker().getSymbolAtLocation(source);
  return symbol === undefined
    ? []
    : program
        .getTypeChecker()
        .getExportsOfModule(symbol)
        .map(({ name }) => name);
}
