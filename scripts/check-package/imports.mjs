import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** `import … from 'x'`, `export … from 'x'`, `import 'x'` and `import('x')`, as the bundler writes them. */
const IMPORT = /(?:^|[;\s}])(?:from|import) ?\(?\s*["']([^"'\n]+)["']/gm;

/** Everything that the entries for runtimes other than Node load is in the package or a dependency of it. */
export function checkImports({ installed }) {
  const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  const declared = Object.keys(manifest.dependencies);
  const entries = Object.values(manifest.exports)
    .map((entry) => entry.default)
    .filter((file) => file !== undefined);
  const { files, packages } = graph(entries.map((file) => join(installed, file)));
  const bad = packages.filter((name) => !declared.includes(name));
  if (bad.length > 0) throw new Error(`${entries.join(' and ')} load ${bad.join(', ')}`);
  if (packages.length === 0) throw new Error(`no import was found in ${files.join(', ')}`);
  return `${files.map((file) => relative(installed, file)).length} files, and of packages ${packages.join(', ')}`;
}

/** Every file that can be reached by relative imports, and everything else that is imported on the way. */
function graph(entries) {
  const files = new Set(entries);
  const packages = new Set();
  for (const file of files) {
    for (const [, target] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
      if (target.startsWith('.')) files.add(join(dirname(file), target));
      else packages.add(target);
    }
  }
  return { files: [...files], packages: [...packages].sort() };
}
