/**
 * `npm run check:bundlers`: a Next.js app (Turbopack) and a webpack bundle for Node that import the package from its tarball are
 * built, and run. The bundlers come from npm's registry, as new as they are.
 */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installedVersion, writeJson } from './check-package/consumer.mjs';
import { packInto } from './check-package/tarball.mjs';
import { attempt, cleanEnvironment, npmInstall, output, temporaryFolder } from './support/command.mjs';

const FIXTURES = fileURLToPath(new URL('check-bundlers/', import.meta.url));

const WEBPACK = 'npx webpack --target node --mode production --stats errors-only --entry ./index.mjs';

/** A bundler, which is the folder of its fixture, too; what it needs; and the commands that build it and run it. */
const BUILDS = [
  { name: 'next', packages: ['next', 'react', 'react-dom'], commands: ['npx next build'] },
  { name: 'webpack', packages: ['webpack', 'webpack-cli'], commands: [WEBPACK, 'node dist/main.js'] },
];

const folder = temporaryFolder('bundlers');

const tarball = packInto(folder.path);
for (const build of BUILDS) attempt(build.name, () => check(build));

function check({ name, packages, commands }) {
  const cwd = join(folder.path, name);
  cpSync(join(FIXTURES, name), cwd, { recursive: true });
  writeJson(join(cwd, 'package.json'), { name, private: true });
  npmInstall(cwd, [tarball.path, `@google/genai@${installedVersion('@google/genai')}`, ...packages]);
  const env = cleanEnvironment({ NEXT_TELEMETRY_DISABLED: '1' });
  for (const [command, ...args] of commands.map((words) => words.split(' '))) output(command, args, { cwd, env });
  return `${installedVersion(name, cwd)} builds it`;
}
