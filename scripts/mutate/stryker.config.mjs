import { availableParallelism } from 'node:os';

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  mutate: ['src/stop/**/*.ts', 'src/operation/**/*.ts', 'src/backends/**/*.ts'],
  plugins: [new URL('runner.mjs', import.meta.url).pathname],
  testRunner: 'loaded-tests',
  coverageAnalysis: 'perTest',
  concurrency: availableParallelism(),
  // For loops that let nothing else run. The runner sees for itself what does not end, by what it works rather than by the clock.
  timeoutMS: 60_000,
  timeoutFactor: 4,
  reporters: ['progress-append-only', 'json', 'html'],
  warnings: { slow: false },
  jsonReporter: { fileName: 'out/mutate/report.json' },
  htmlReporter: { fileName: 'out/mutate/report.html' },
  incremental: true,
  incrementalFile: 'out/mutate/incremental.json',
  tempDirName: 'out/mutate/sandbox',
  cleanTempDir: 'always',
  ignorePatterns: ['*', '!src/**', '!test/**', '!scripts/**', '!package.json', '!tsconfig*.json'],
  allowConsoleColors: false,
  disableTypeChecks: false,
};
