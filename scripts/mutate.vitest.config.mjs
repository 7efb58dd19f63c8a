import { defineConfig } from 'vitest/config';

/** The tests for mutants: quick ones, in one project, since Stryker cannot tell which test covers what across projects. */
export default defineConfig({
  test: {
    include: [
      'test/{api,client,conformance,google,journal,operation,util}/**/*.test.ts',
      'test/pitfalls/row*.test.ts',
      'test/testing/**/*.test.ts',
    ],
  },
});
