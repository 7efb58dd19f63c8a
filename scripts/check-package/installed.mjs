import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { output } from '../support/command.mjs';

/** Texts that would bring Node's types into every program that uses the package. The SDK's types would do so, too. */
const UNWANTED = [
  /['"]node:/,
  /\bNodeJS\b/,
  /\bBuffer\b/,
  /google-cloud\/storage/,
  /reference types=/,
  /(?:from|import\() ?['"](?:@google\/genai|msw|eventemitter3)/,
];

/** This entry takes the requests of Node's servers, so its declarations name their types. */
const FOR_NODE = /^http\.d\.c?ts$/;

/** The declarations need nothing but each other: no types of Node, of the SDK or of a dependency. */
export function checkDeclarations({ installed }) {
  const declarations = readdirSync(join(installed, 'dist'), { recursive: true }).filter((file) =>
    /\.d\.c?ts$/.test(file),
  );
  const files = declarations.filter((file) => !FOR_NODE.test(file));
  for (const file of files) {
    const text = readFileSync(join(installed, 'dist', file), 'utf8');
    const found = UNWANTED.map((pattern) => pattern.exec(text)?.[0]).find((match) => match !== undefined);
    if (found !== undefined) throw new Error(`dist/${file} says ${found}`);
  }
  return `${files.length} files that know no runtime`;
}

/** Everything that the entries for runtimes other than Node load is in the package. What may be missing is loaded when it is needed. */
export function checkImports({ installed }) {
  const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  const { peerDependenciesMeta: optional } = manifest;
  const entries = Object.values(manifest.exports).flatMap((entry) => entry.import?.default ?? []);
  const options = { bundle: true, format: 'esm', packages: 'external', outdir: 'none', write: false, metafile: true };
  const { inputs } = buildSync({ ...options, entryPoints: entries, absWorkingDir: installed }).metafile;
  const files = Object.keys(inputs);
  const imports = Object.values(inputs).flatMap((input) => input.imports);
  const outside = imports.filter(({ external }) => external);
  const isKnown = ({ path, kind }) => kind === 'dynamic-import' && path in optional;
  const bad = outside.filter((one) => !isKnown(one)).map(({ path }) => path);
  if (bad.length > 0) throw new Error(`${entries.join(' and ')} load ${bad.join(', ')}`);
  const packages = [...new Set(outside.map(({ path }) => path))].sort();
  if (packages.length === 0) throw new Error(`no import was found in ${files.join(', ')}`);
  return `${files.length} files, and of packages ${packages.join(', ')}`;
}

/** The package is imported, required and run as a command. The programs are those of test/package/consumer. */
export function checkRuns({ path, installed, env }) {
  const run = (...args) => output(process.execPath, args, { cwd: path, env });
  run('run.mjs');
  run('--no-experimental-require-module', 'run.cjs');
  const { version } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  const said = output('npx', ['--no-install', 'genai-cancel', '--version'], { cwd: path, env }).trim();
  if (said !== version) throw new Error(`genai-cancel --version said ${said} instead of ${version}`);
  return `import, require, genai-cancel ${said}`;
}
