/**
 * `npm run check:examples`: the files of examples/ and the JavaScript of the documents do what is said of them, with the packed
 * package in an empty folder and `genai-cancel emulator`. `--nodes 20,22,24` tries them on each of these Nodes, `--only README`
 * those with that in their name. The debug output of ctrl-c.mjs is held to the lines in docs/signals.md. examples/webhooks needs
 * a Redis, named by GENAI_CANCEL_TEST_REDIS_URL: bash scripts/with-stores.sh npm run check:examples
 */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { documents } from './check-docs/documents.mjs';
import { blocksOf, examplesIn } from './check-examples/programs.mjs';
import { problemsOf } from './check-examples/run.mjs';
import { problemsOfWebhooks } from './check-examples/webhooks.mjs';
import { newProject, own } from './check-package/consumer.mjs';
import { packInto } from './check-package/tarball.mjs';
import { flags, temporaryFolder } from './support/command.mjs';
import { inParallel } from './support/stage.mjs';
import { runtimeBinary } from './test-matrix/runtime-binary.mjs';

const AT_ONCE = 3;

const { nodes, only } = flags({ nodes: process.versions.node.split('.')[0], only: '' });
const folder = temporaryFolder('examples');
const packages = [packInto(folder.path).path, own('@google/genai')];
const path = newProject(join(folder.path, 'application'), packages);
const examples = examplesIn(join(path, 'node_modules/genai-cancel/examples'));
const all = [...webhooks(), ...examples, ...documents.flatMap(blocksOf)];
const programs = all.filter(({ name }) => name.includes(only));
for (const major of nodes.split(',')) {
  const node = runtimeBinary({ runtime: 'Node', major }, join(folder.path, `node-${major}`));
  await inParallel(programs, AT_ONCE, async (program) => {
    const problems = await (program.check ?? problemsOf)({ path, node }, program);
    console.log(`${problems.length === 0 ? '✓' : '✗'} Node ${major}, ${[program.name, ...problems].join(': ')}`);
    if (problems.length > 0) process.exitCode = 1;
  });
}

/** The example of two processes. */
function webhooks() {
  const redisUrl = process.env.GENAI_CANCEL_TEST_REDIS_URL;
  if (redisUrl === undefined) {
    console.log('webhooks/ was left out: it needs a Redis, named by GENAI_CANCEL_TEST_REDIS_URL.');
    return [];
  }
  const place = () => join(mkdtempSync(join(folder.path, 'webhooks-')), 'application');
  const check = ({ node }) => problemsOfWebhooks({ node, packages, folder: place() }, redisUrl);
  return [{ name: 'webhooks/', check }];
}
