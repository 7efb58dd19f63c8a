import { mkdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from '../support/command.mjs';
import { wrap } from './wrap.mjs';

/** Breaks a source. A passage that it has once is replaced, or a function is wrapped, as `wrap()` says. */
function apply({ file, search, replace, wrapped }, contents) {
  if (wrapped !== undefined) return wrap(contents, wrapped, replace);
  if (contents.split(search).length === 2) return contents.replace(search, () => replace);
  throw new Error(`${file} has to have this once, to be broken there:\n${search}`);
}

/**
 * Bundles the simulation (or another `entry`) with the library, and gives the path of the file. It lies where the SDK is found.
 * `src`: another root of the library's sources. `patches`: of sources that are to be broken, `{ file, search, replace }` or `{ file, wrapped, replace }`.
 * @throws Error if a patch does not fit.
 */
export async function bundle({
  name = 'simulate',
  entry = 'test/simulation/main.ts',
  src = join(ROOT, 'src'),
  patches = [],
} = {}) {
  const folder = join(ROOT, 'node_modules', '.cache', 'genai-cancel');
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, `${name}-${process.pid}.mjs`);
  const applied = new Set();
  const load = ({ path }) => {
    const file = relative(join(ROOT, 'src'), path);
    let contents = readFileSync(join(src, file), 'utf8');
    for (const patch of patches) {
      if (patch.file !== file) continue;
      contents = apply(patch, contents);
      applied.add(patch);
    }
    return { contents, loader: 'ts' };
  };
  const filter = new RegExp(`^${join(ROOT, 'src').replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}[\\\\/].*\\.ts$`);
  await build({
    entryPoints: [join(ROOT, entry)],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    outfile,
    external: ['@google/genai', '@google-cloud/storage', 'fast-check'],
    logLevel: 'error',
    plugins: [{ name: 'sources', setup: ({ onLoad }) => onLoad({ filter }, load) }],
  });
  const missing = patches.find((patch) => !applied.has(patch));
  if (missing !== undefined) throw new Error(`${missing.file} is no part of the simulation.`);
  return outfile;
}
