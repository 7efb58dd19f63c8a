/**
 * `npm run check:readme`: a stranger takes the packed package and copies each program of the README. They have to print what the
 * README shows, on each Node that is supported.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runBlocks } from './check-docs/run-blocks.mjs';
import { installConsumer } from './check-package/consumer.mjs';
import { packInto } from './check-package/tarball.mjs';
import { output, temporaryFolder } from './support/command.mjs';
import { runtimeBinary } from './test-matrix/runtime-binary.mjs';

const MAJORS = [20, 22, 24];

const folder = temporaryFolder('readme');
const { path, installed } = installConsumer(folder.path, packInto(folder.path));
const packages = { 'genai-cancel': installed, '@google/genai': join(path, 'node_modules/@google/genai') };
const readme = { file: 'README.md', text: readFileSync(join(installed, 'README.md'), 'utf8') };
for (const major of MAJORS) {
  const node = runtimeBinary({ runtime: 'Node', major }, join(folder.path, `node-${major}`));
  const { count, problems } = await runBlocks([readme], { workMs: 2_000, node, packages });
  const version = output(node, ['--version']).trim();
  for (const problem of problems) console.error(`✗ ${version}: ${problem}`);
  if (problems.length === 0) console.log(`✓ ${version}: ${count} runs of the README print what it shows`);
  else process.exitCode = 1;
}
