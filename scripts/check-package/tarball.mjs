import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { ROOT, cleanEnvironment, output } from '../support/command.mjs';

const WANTED = ['CHANGELOG.md', 'LICENSE', 'LICENSE-THIRD-PARTY', 'README.md', 'SECURITY.md', 'package.json'];
const DOCUMENTS = /^(docs|examples)\//;
const BUILT = /^dist\/(testing\/)?[\w-]+\.(c?js|c?js\.map|d\.c?ts)$/;

/** Packs what is built; the scripts of the package (which would build it again) are not run. */
export function packInto(folder) {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const report = JSON.parse(output('npm', args, { cwd: ROOT, env: cleanEnvironment() }));
  // An array up to npm 11, an object by name from npm 12 on.
  const [{ filename, files, unpackedSize }] = Object.values(report);
  return { path: join(folder, filename), files: files.map(({ path }) => path), unpackedSize };
}

/** Nothing is missing from the tarball, nothing is in it by accident, and its source maps do not tell where it was made. */
export function checkTarball({ files, unpackedSize }, { installed }) {
  const missing = [...WANTED, ...entryFiles()].filter((file) => !files.includes(file));
  if (missing.length > 0) throw new Error(`missing from the tarball: ${missing.join(', ')}`);
  const unwanted = files.filter((file) => !WANTED.includes(file) && !BUILT.test(file) && !DOCUMENTS.test(file));
  if (unwanted.length > 0) throw new Error(`not wanted in the tarball: ${unwanted.join(', ')}`);
  for (const file of files.filter((name) => /\.c?js$/.test(name))) checkSourceMap(installed, file);
  return `${files.length} files, ${Math.round(unpackedSize / 1024)} kB`;
}

function entryFiles() {
  const { bin, exports, main, types, typesVersions } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return strings({ bin, exports, main, types, typesVersions }).map((file) => file.replace(/^\.\//, ''));
}

function strings(value) {
  return typeof value === 'string' ? [value] : Object.values(value).flatMap(strings);
}

function checkSourceMap(installed, file) {
  const path = join(installed, `${file}.map`);
  if (!existsSync(path)) throw new Error(`${file} has no source map`);
  const { sources, sourcesContent } = JSON.parse(readFileSync(path, 'utf8'));
  // The sources themselves are not in the package, so the maps must have them.
  const bad = sources.filter((source, index) => isAbsolute(source) || typeof sourcesContent?.[index] !== 'string');
  if (bad.length > 0) throw new Error(`${file}.map has no text, or an absolute path, for ${bad.join(', ')}`);
}
