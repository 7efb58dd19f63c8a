import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What is mutated. */
export const FOLDERS = ['stop', 'operation', 'backends'];

/** The tests that say something about these folders and wait for nothing real: no process, no disk, no server. */
const TESTS = [
  /^test\/(stop|operation|backends|watch|conformance|pitfalls\/rows-)/,
  /^test\/journal\/(attach|duplicates|recorder|recover|skipped|store-away)\./,
  /^test\/(cancelable|host)\.test\.ts$/,
];

/** Paths from `root`, with slashes. */
export function testFiles(root) {
  return readdirSync(join(root, 'test'), { recursive: true })
    .map((path) => `test/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.test.ts') && TESTS.some((pattern) => pattern.test(path)))
    .sort();
}
