/**
 * `npm run check:types`: programs that use the package from its tarball compile with every TypeScript that is supported,
 * strictly, by both ways of resolving modules, with and without Node's types; and the types of both majors of the SDK, the
 * oldest that is supported included, fit the part of it that the library calls.
 */
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { installConsumer, installedVersion, newProject, writeJson } from './check-package/consumer.mjs';
import { packInto } from './check-package/tarball.mjs';
import { checkTypes } from './check-package/types.mjs';
import { ROOT, attempt, output, temporaryFolder } from './support/command.mjs';

const COMPILERS = ['5.6', '5.7', '5.8', '5.9', '6', '7'];
/** TypeScript 6 advises against the resolution of Node 10, and 7 has it no more. */
const WITHOUT_NODE10 = ['6', '7'];
const SDKS = ['2.30.0', '2', '3'];

const folder = temporaryFolder('typescript');

const consumer = installConsumer(folder.path, packInto(folder.path));
for (const version of COMPILERS) {
  attempt(`TypeScript ${version}`, () => {
    const compiler = install(`typescript-${version}`, `typescript@${version}`);
    const without = WITHOUT_NODE10.includes(version) ? ['node10-commonjs'] : [];
    return `${installedVersion('typescript', join(compiler, '../..'))}: ${checkTypes(consumer, { compiler: join(compiler, 'bin/tsc'), without })}`;
  });
}
for (const version of SDKS) {
  attempt(`@google/genai ${version}`, () => {
    const sdk = install(`genai-${version}`, `@google/genai@${version}`);
    return `${installedVersion('@google/genai', join(sdk, '../../..'))}: ${compileAgainst(sdk, join(folder.path, `sdk-${version}`))}`;
  });
}

/** Installs one package of its own, and gives its folder. */
function install(name, spec) {
  const project = newProject(join(folder.path, name), [spec]);
  return join(project, 'node_modules', spec.slice(0, spec.lastIndexOf('@')));
}

/** The type test of the SDK, with that one in the place of ours. */
function compileAgainst(sdk, project) {
  const modules = join(project, 'node_modules');
  mkdirSync(join(modules, '@google'), { recursive: true });
  symlinkSync(sdk, join(modules, '@google/genai'));
  for (const name of readdirSync(join(ROOT, 'node_modules')).filter((entry) => entry !== '@google')) {
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  for (const part of ['src', 'test/types/sdk.test-d.ts', 'tsconfig.json', 'package.json']) {
    cpSync(join(ROOT, part), join(project, part), { recursive: true });
  }
  const config = join(project, 'tsconfig.sdk.json');
  writeJson(config, { extends: './tsconfig.json', files: ['test/types/sdk.test-d.ts'], include: [] });
  output(process.execPath, [join(modules, 'typescript/bin/tsc'), '-p', config], { cwd: project });
  return 'the client, its parameters and its response fit';
}
