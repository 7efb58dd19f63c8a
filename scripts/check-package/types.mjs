import { join } from 'node:path';
import { output } from '../support/command.mjs';
import { writeJson } from './consumer.mjs';

const STRICT = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  verbatimModuleSyntax: true,
  target: 'ES2022',
  noEmit: true,
};

const NODE_NEXT = { module: 'NodeNext', moduleResolution: 'NodeNext' };
const BUNDLER = { module: 'ESNext', moduleResolution: 'Bundler' };
/** The declarations of the package itself are checked, with nothing of Node in the program. */
const BROWSER = { lib: ['ES2022', 'DOM', 'DOM.AsyncIterable'], types: [], skipLibCheck: false };
/** The types of the SDK and of msw are theirs: they do not pass without `skipLibCheck`. */
const NODE = { lib: ['ES2023'], types: ['node'], skipLibCheck: true };

const PROGRAMS = {
  'nodenext-browser': { compilerOptions: { ...NODE_NEXT, ...BROWSER }, files: ['surface.ts'] },
  'bundler-browser': { compilerOptions: { ...BUNDLER, ...BROWSER }, files: ['surface.ts'] },
  'nodenext-node': { compilerOptions: { ...NODE_NEXT, ...NODE }, files: ['surface.ts', 'with-sdk.ts'] },
  'bundler-node': { compilerOptions: { ...BUNDLER, ...NODE }, files: ['surface.ts', 'with-sdk.ts'] },
  'nodenext-node-checked': { compilerOptions: { ...NODE_NEXT, ...NODE, skipLibCheck: false }, files: ['surface.ts'] },
  // `verbatimModuleSyntax` does not allow `import … from` in CommonJS, which is how most CommonJS in TypeScript is written.
  'nodenext-commonjs': {
    compilerOptions: { ...NODE_NEXT, ...NODE, verbatimModuleSyntax: false },
    files: ['common.cts'],
  },
  // The way before `exports`: it finds the later entries by `typesVersions`.
  'node10-commonjs': {
    compilerOptions: { module: 'CommonJS', moduleResolution: 'Node10', ...NODE, verbatimModuleSyntax: false },
    files: ['common.cts'],
  },
};

/** The package's types serve programs that know Node and programs that do not, by both ways of resolving modules. */
export function checkTypes({ path, env }, { compiler, without = [] } = {}) {
  const tsc = compiler ?? join(path, 'node_modules/typescript/bin/tsc');
  const programs = Object.entries(PROGRAMS).filter(([name]) => !without.includes(name));
  for (const [name, { compilerOptions, files }] of programs) {
    const config = join(path, `tsconfig.${name}.json`);
    writeJson(config, { compilerOptions: { ...STRICT, ...compilerOptions }, files });
    output(process.execPath, [tsc, '-p', config], { cwd: path, env });
  }
  return programs.map(([name]) => name).join(', ');
}
