import { createRequire } from 'node:module';
import { join } from 'node:path';
import { IMAGES } from '../simulate/bundle.mjs';
import { testFiles } from './tests.mjs';

/** esbuild comes with tsup. */
const { build } = createRequire(createRequire(import.meta.url).resolve('tsup'))('esbuild');

const HARNESS = 'scripts/mutate/harness.mjs';

/** Bundles the tests in the folder `root`, with the sources there, into a module that gives `tests`: a new copy by each import. */
export async function bundleTests(root, outfile) {
  const entry = [
    `import { collect } from './${HARNESS}';`,
    ...testFiles(root).map((path) => `await collect('${path}', () => import('./${path}'));`),
    `export { tests } from './${HARNESS}';`,
  ];
  const harness = join(root, HARNESS);
  const vitest = ({ importer }) => (importer === harness ? { path: 'vitest', external: true } : { path: harness });
  await build({
    stdin: { contents: entry.join('\n'), resolveDir: root },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    outfile,
    packages: 'external',
    logLevel: 'error',
    plugins: [
      { name: 'harness', setup: ({ onResolve }) => onResolve({ filter: /^vitest$/ }, vitest) },
      {
        name: 'images',
        setup: ({ onLoad }) =>
          onLoad({ filter: /[\\/]testing[\\/]image[\\/]image\.ts$/ }, () => ({ contents: IMAGES, loader: 'ts' })),
      },
    ],
  });
}
