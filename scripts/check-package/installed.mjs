import { readFileSync, readdirSync } from 'node:fs';
import { join, dirname, relative } from 'node:path';
import { output } from '../support/command.mjs';

/** Texts that would bring Node's types into every program that uses the package. The SDK's types would do so, too. */
const UNWANTED = [
  /['"]node:/,
  /\bNodeJS\b/,
  /\bBuffer\b/,
  /reference types=/,
  /(?:from|import\() ?['"](?:@google\/genai|msw|eventemitter3|p-retry)/,
];

/** The declarations need nothing but each other: no types of Node, of the SDK or of a dependency. */
export function checkDeclarations({ installed }) {
  const files = readdirSync(join(installed, 'dist'), { recursive: true }).filter((file) => file.endsWith('.d.ts'));
  for (const file of files) {
    const text = readFileSync(join(installed, 'dist', file), 'utf8');
    const found = UNWANTED.map((pattern) => pattern.exec(text)?.[0]).find((match) => match !== undefined);
    if (found !== undefined) throw new Error(`dist/${file} says ${found}`);
  }
  return `${files.length} files that know no runtime`;
}

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

/** The package is imported, required and run as a command. The programs are those of test/package/consumer. */
export function checkRuns({ path, installed, env }) {
  const run = (...args) => output(process.execPath, args, { cwd: path, env });
  run('run.mjs');
  const requires = Boolean(process.features.require_module);
  if (requires) run('run.cjs');
  const { version } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  const said = output('npx', ['--no-install', 'genai-cancel', '--version'], { cwd: path, env }).trim();
  if (said !== version) throw new Error(`genai-cancel --version said ${said} instead of ${version}`);
  return `import, ${requires ? 'require' : 'no require (this Node cannot)'}, genai-cancel ${said}`;
}
