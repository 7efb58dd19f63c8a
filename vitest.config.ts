import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    coverage: {
      include: ['src/{stop,operation,backends}/**/*.ts'],
      reporter: ['text'],
      skipFull: true,
      thresholds: { lines: 100 },
    },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          // What needs a page runs in one: `npm run test:matrix -- --only chromium/genai2`.
          exclude: ['test/process/**', 'test/page/**'],
        },
      },
      {
        // Real processes in real terminals: each file has its own children, and they share two cores.
        test: { name: 'process', include: ['test/process/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
      },
    ],
  },
});
