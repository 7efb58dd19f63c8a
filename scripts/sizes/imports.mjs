import { dirname, posix } from 'node:path';
import ts from 'typescript';

/** Maps each of these files to those of them that it imports, types included. */
export function importsIn(files) {
  const paths = new Set(files.map(({ path }) => path));
  return new Map(files.map(({ path, text }) => [path, namesIn(path, text).filter((name) => paths.has(name))]));
}

function namesIn(path, text) {
  const names = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
  const relative = names.filter((name) => name.startsWith('.'));
  return [...new Set(relative.map((name) => posix.join(dirname(path), name).replace(/\.js$/, '.ts')))];
}

/** Finds the circles of imports, each as its files in order. Every file that is in a circle is in one of these. */
export function circlesIn(imports) {
  const found = [];
  for (const file of imports.keys()) {
    if (!found.flat().includes(file)) found.push(...circleThrough(file, imports));
  }
  return found;
}

/** Finds the shortest circle through a file, breadth first. */
function circleThrough(start, imports) {
  const paths = [[start]];
  const seen = new Set();
  for (const path of paths) {
    for (const next of imports.get(path.at(-1)) ?? []) {
      if (next === start) return [path];
      if (!seen.has(next)) paths.push([...path, next]);
      seen.add(next);
    }
  }
  return [];
}
