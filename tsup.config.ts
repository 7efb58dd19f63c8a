import { defineConfig, type Options } from 'tsup';

const typed = {
  index: 'src/index.ts',
  'file-journal': 'src/file-journal.ts',
  http: 'src/http.ts',
  webhooks: 'src/webhooks.ts',
  'testing/index': 'src/testing/index.ts',
};

const common: Options = {
  target: 'es2022',
  platform: 'neutral',
  external: [/^node:/, '@google/genai', 'genai-cancel'],
  // To load `eventemitter3`, which is CommonJS, took a fifth of the time of an import. `env-paths` is an ES module only.
  noExternal: ['env-paths', 'eventemitter3', 'eventsource-parser'],
  removeNodeProtocol: false,
  sourcemap: true,
};

export default defineConfig([
  {
    ...common,
    entry: { ...typed, node: 'src/node.ts', 'testing/node': 'src/testing/http/index.ts' },
    format: ['esm', 'cjs'],
    // The entries share no state, and one file for each is the fastest to load.
    splitting: false,
  },
  // The command loads its parts on demand.
  { ...common, entry: { cli: 'src/cli/main.ts' }, format: 'esm', splitting: true },
  {
    ...common,
    entry: typed,
    format: ['esm', 'cjs'],
    // One set of declarations serves every condition: a bundler that does not know the `node` condition must see the same types.
    dts: {
      only: true,
      // What is disposable is so for consumers too whose `lib` does not say it.
      banner: '/// <reference lib="esnext.disposable" />',
    },
  },
]);
