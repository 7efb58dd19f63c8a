import { defineConfig } from 'vitest/config';

/** The tests with a real nginx: `npm run test:e2e`. One after another, since they share a page and the processor. */
export default defineConfig({
  test: { include: ['test/e2e/**/*.test.ts'], fileParallelism: false, testTimeout: 120_000, hookTimeout: 60_000 },
});
