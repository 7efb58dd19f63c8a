import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** The tests of the library proper. They start no process, need no build and no server, and leave nothing behind. */
const library = [
  'test/{api,client,conformance,google,journal,operation,util}/**/*.test.ts',
  'test/pitfalls/row*.test.ts',
];

/** The tests that start processes, for which they need the build, or look at the state of their whole process. */
const processes = [
  'test/process/**/*.test.ts',
  'test/cli/run/**/*.test.ts',
  'test/stores/race.test.ts',
  'test/webhooks/two-processes.test.ts',
  'test/leaks/**/*.test.ts',
  'test/pitfalls/process/**/*.test.ts',
  'test/node/*.test.ts',
];

const ELSEWHERE = `test/page needs a page: npm run test:matrix -- --only chromium/genai2
  test/e2e needs an nginx: npm run test:e2e`;

const elsewhere = [...library, ...processes, 'test/page/**', 'test/e2e/**'];
const patience = { testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    // Tests with processes of their own mostly wait for them. Vitest alone would take one worker on two cores.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // One module graph for all files of a worker: loading it takes longer than the tests.
    isolate: false,
    testTimeout: 30_000,
    reporters: ['default', ['./scripts/support/left-out-reporter.mjs', { elsewhere: ELSEWHERE }]],
    coverage: {
      include: ['src/{google,operation}/**/*.ts'],
      reporter: ['text'],
      skipFull: true,
      thresholds: { lines: 100 },
    },
    projects: [
      { extends: true, test: { name: 'library', include: library } },
      { extends: true, test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: elsewhere } },
      { extends: true, test: { name: 'process', include: processes, isolate: true, ...patience } },
    ],
  },
});
