import { transform } from 'esbuild';
import { defineConfig, type Options } from 'tsup';

const typed = {
  index: 'src/index.ts',
  'file-journal': 'src/file-journal.ts',
  http: 'src/http.ts',
  webhooks: 'src/webhooks.ts',
  'testing/index': 'src/testing/index.ts',
};
const entries = { ...typed, node: 'src/node.ts', 'testing/node': 'src/testing/http/index.ts' };

const common: Options = {
  target: 'es2022',
  platform: 'neutral',
  format: 'esm',
  external: [/^node:/, '@google/genai', 'genai-cancel'],
  removeNodeProtocol: false,
  splitting: true,
  sourcemap: true,
};

type Plugin = NonNullable<Options['plugins']>[number];

/** Makes CommonJS of each chunk of a build as ES modules: only such a build shares code, classes and state between its entries. */
const commonJs: Plugin = {
  name: 'commonjs',
  async renderChunk(code, info) {
    const map = Buffer.from(info.map as string).toString('base64');
    const source = `${code}\n//# sourceMappingURL=data:application/json;base64,${map}`;
    const result = await transform(source, { format: 'cjs', platform: 'node', sourcemap: 'external' });
    info.map = result.map;
    return { code: result.code };
  },
};

export default defineConfig([
  { ...common, entry: entries },
  // The command loads its parts on demand. Built with the rest it would cut that into pieces, each a file to load.
  { ...common, entry: { cli: 'src/cli/main.ts' } },
  {
    ...common,
    entry: entries,
    outExtension: () => ({ js: '.cjs' }),
    // An ES module only, which older Nodes and Jest cannot load from CommonJS.
    noExternal: ['env-paths'],
    plugins: [commonJs],
  },
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
