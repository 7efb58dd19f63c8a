/**
 * `npm run check:raw-clients`: clients that know nothing of this library parse every answer of the emulator over HTTP: both
 * majors of Google's SDK, and the newest AI SDK with its Google provider. Each is installed into a folder of its own, and
 * run by a Node that it supports.
 */
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { environmentWith, runtimeBinary } from './test-matrix/runtime-binary.mjs';
import { ROOT, attempt, cleanEnvironment, output, temporaryFolder } from './support/command.mjs';

const CLIENTS = [
  {
    name: 'genai-2',
    script: 'genai.mjs',
    packages: ['@google/genai@^2'],
    major: Number(process.versions.node.split('.')[0]),
  },
  { name: 'genai-3', script: 'genai.mjs', packages: ['@google/genai@^3'], major: 24 },
  { name: 'ai', script: 'ai.mjs', packages: ['ai@latest', '@ai-sdk/google@latest'], major: 24 },
];

const folder = temporaryFolder('raw-clients');
for (const client of CLIENTS) attempt(client.name, () => check(client));

/** Installs a client, and runs its script beside it, where it finds it. */
function check({ name, script, packages, major }) {
  const project = join(folder.path, name);
  mkdirSync(project);
  const node = runtimeBinary({ runtime: 'Node', major }, join(folder.path, `node-${major}`));
  const args = ['install', '--no-save', '--prefer-offline', '--prefix', project, ...packages];
  output('npm', args, { cwd: project, env: environmentWith(node) });
  for (const file of [script, 'parsed.mjs']) cpSync(join(ROOT, 'scripts/check-raw-clients', file), join(project, file));
  const stage = pathToFileURL(join(ROOT, 'scripts/support/stage.mjs')).href;
  return output(node, [join(project, script)], {
    cwd: project,
    env: cleanEnvironment({ STAGE: stage }),
  }).trimEnd();
}
