import { defineConfig } from 'vitest/config';

/** The tests for mutants: quick ones, in one project, since Stryker cannot tell which test covers what across projects. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/{cli,hostile,leaks,node,package,page,process,stores}/**'],
  },
});
