import { defineConfig } from 'tsup';

const typed = {
  index: 'src/index.ts',
  'file-journal': 'src/file-journal.ts',
  'testing/index': 'src/testing/index.ts',
};

export default defineConfig({
  entry: { ...typed, node: 'src/node.ts', cli: 'src/cli/main.ts', 'testing/node': 'src/testing/http/index.ts' },
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  external: [/^node:/, '@google/genai', 'env-paths', 'genai-cancel'],
  splitting: true,
  sourcemap: true,
  clean: true,
  // One set of declarations serves every condition: a bundler that does not know the `node` condition must see the same types.
  dts: {
    entry: typed,
    // What is disposable is so for consumers too whose `lib` does not say it.
    banner: '/// <reference lib="esnext.disposable" />',
  },
});
