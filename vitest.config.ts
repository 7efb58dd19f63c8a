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
          exclude: ['test/process/**'],
        },
      },
      {
        // Real processes in real terminals: each file has its own children, and they share two cores.
        test: { name: 'process', include: ['test/process/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
      },
    ],
  },
});
