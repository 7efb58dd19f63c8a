import { dirname, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const src = fileURLToPath(new URL('../src', import.meta.url));

/**
 * The folders of `src/`, and the folders that each may import from, types included. The entries at the top of `src/` only
 * export, and no folder imports from them.
 */
export const layers = {
  util: [],
  api: ['util'],
  google: ['util', 'api'],
  journal: ['util', 'api'],
  'operation/job': ['util', 'api', 'google', 'journal'],
  operation: ['util', 'api', 'google', 'journal', 'operation/job'],
  client: ['util', 'api', 'google', 'journal', 'operation/job', 'operation'],
  webhooks: ['util', 'api', 'google', 'journal', 'operation', 'client'],
  testing: ['util', 'api', 'journal'],
  node: ['util', 'api', 'google', 'journal', 'operation/job', 'operation', 'client'],
  cli: ['util', 'api', 'google', 'journal', 'operation/job', 'operation', 'client', 'testing', 'node'],
};

/** Returns the layer of a file; `undefined` for the entries, and for files outside of `src/`. */
export function layerOf(file) {
  const path = relative(src, file).split(sep).join('/');
  const names = Object.keys(layers).filter((name) => path.startsWith(`${name}/`));
  return names.sort((one, other) => other.length - one.length)[0];
}

/** Returns why a file may not import from another one; `undefined` if it may. */
export function whyForbidden(file, imported) {
  const [from, to] = [layerOf(file), layerOf(imported)];
  if (from === undefined || from === to) return undefined;
  if (to === undefined)
    return relative(src, imported).startsWith('..') ? undefined : `${from}/ may not import an entry.`;
  return layers[from].includes(to)
    ? undefined
    : `${from}/ may not import from ${to}/: imports go down the layers only.`;
}

/** An ESLint plugin whose rule `downwards` refuses upward imports, of values and of types. */
export const layersPlugin = {
  rules: {
    downwards: {
      create(context) {
        const check = (node, source) => {
          if (typeof source?.value !== 'string' || !source.value.startsWith('.')) return;
          const message = whyForbidden(context.filename, resolve(dirname(context.filename), source.value));
          if (message !== undefined) context.report({ node, message });
        };
        return {
          ':matches(ImportDeclaration, ExportNamedDeclaration, ExportAllDeclaration, ImportExpression)': (node) =>
            check(node, node.source),
          TSImportType: (node) => check(node, node.source ?? node.argument?.literal),
        };
      },
    },
  },
};
