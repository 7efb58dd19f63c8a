/**
 * `npm run check:examples`: the files of examples/ and the JavaScript of the documents do what is said of them, with the packed
 * package in an empty folder and `genai-cancel emulator`. `--nodes 20,22,24` tries them on each of these Nodes, `--only README`
 * those with that in their name. The debug output of ctrl-c.mjs is held to the lines in docs/signals.md. examples/webhooks needs
 * a Redis, named by GENAI_CANCEL_TEST_REDIS_URL: bash scripts/with-stores.sh npm run check:examples
 */
import { mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { documents } from './check-docs/documents.mjs';
import { blocksOf, problemsOfBlock } from './check-examples/blocks.mjs';
import { runProgram } from './check-examples/program.mjs';
import { problemsOfWebhooks } from './check-examples/webhooks.mjs';
import { newProject, own } from './check-package/consumer.mjs';
import { packInto } from './check-package/tarball.mjs';
import { flags, temporaryFolder } from './support/command.mjs';
import { inParallel } from './support/stage.mjs';
import { runtimeBinary } from './test-matrix/runtime-binary.mjs';

const MAX_LINES = 40;
const AT_ONCE = 3;
const SLOW = ['--work-seconds', '5', '--fault', '{"kind":"cancel-lag","ms":300}'];
/** The document with the debug output of an example. */
const DOCUMENT = 'docs/signals.md';

/**
 * Output and jobs of each example. With `isPressed`, Ctrl+C ends it; it runs with debug output, and the cancel takes a while.
 * @type {Record<string, { prints: RegExp[], jobs: string, isPressed?: boolean }>}
 */
const expectations = {
  'generate.mjs': { prints: [/^image\/\w+, \d{3,} bytes$/m], jobs: '2 completed' },
  'abort-signal.mjs': {
    prints: [/^outcome: cancelled$/m, /^because: the user left$/m, /^interactions\/\S+ is cancelled$/m],
    jobs: '2 cancelled',
  },
  'timeout.mjs': {
    prints: [/^cancelled by timeout \(TimeoutError\): cancelled$/m, /^billing: /m],
    jobs: '1 cancelled',
  },
  'handle.mjs': {
    prints: [
      /^accepted: interactions\//m,
      /-> running$/m,
      /^image 2: image\/\w+$/m,
      /^3 of 3$/m,
      /^the end: succeeded$/m,
    ],
    jobs: '3 completed',
  },
  'cancel-by-name.mjs': {
    prints: [/^cancelled after 1 cancel request$/m, /^OperationFailedError: /m],
    jobs: '1 cancelled',
  },
  'recover.mjs': {
    prints: [/^order 7: interactions\/\S+ was left behind$/m, /^1 image, from one create$/m],
    jobs: '1 completed',
  },
  'ctrl-c.mjs': {
    prints: [/press Ctrl\+C/, /^SIGINT: cancelling/m, /^the end: cancelled$/m],
    jobs: '1 cancelled',
    isPressed: true,
  },
};

const { nodes, only } = flags({ nodes: process.versions.node.split('.')[0], only: '' });
const folder = temporaryFolder('examples');
const packages = [packInto(folder.path).path, own('@google/genai')];
const path = newProject(join(folder.path, 'application'), packages);
const installed = join(path, 'node_modules/genai-cancel');
const files = readdirSync(join(installed, 'examples')).filter((file) => file.endsWith('.mjs'));
const examples = [...new Set([...Object.keys(expectations), ...files])].map((name) => ({ name, check: checkExample }));
const blocks = documents.flatMap(blocksOf).map((block) => ({ ...block, check: problemsOfBlock }));
const redisUrl = process.env.GENAI_CANCEL_TEST_REDIS_URL;
if (redisUrl === undefined)
  console.log('webhooks/ was left out: it needs a Redis, named by GENAI_CANCEL_TEST_REDIS_URL.');
const webhooks = redisUrl === undefined ? [] : [{ name: 'webhooks/', check: checkWebhooks }];
for (const major of nodes.split(',')) await checkOn(major);

async function checkOn(major) {
  const node = runtimeBinary({ runtime: 'Node', major }, join(folder.path, `node-${major}`));
  const some = [...webhooks, ...examples, ...blocks].filter(({ name }) => name.includes(only));
  await inParallel(some, AT_ONCE, async (one) => {
    const problems = await one.check({ path, node }, one);
    console.log(`${problems.length === 0 ? '✓' : '✗'} Node ${major}, ${[one.name, ...problems].join(': ')}`);
    if (problems.length > 0) process.exitCode = 1;
  });
}

async function checkExample(application, { name }) {
  const expected = expectations[name];
  if (!files.includes(name)) return ['it is missing'];
  if (expected === undefined) return ['check-examples.mjs does not say what it should do'];
  const code = readFileSync(join(installed, 'examples', name), 'utf8');
  const { isPressed = false } = expected;
  const options = isPressed ? { emulated: SLOW, env: { NODE_DEBUG: 'genai-cancel' }, isPressed } : {};
  const { code: status, signal, text, jobs } = await runProgram(application, code, options);
  const { length } = code.trimEnd().split('\n');
  const problems = expected.prints.filter((line) => !line.test(text)).map((line) => `did not print ${line}`);
  if ((signal ?? status) !== (isPressed ? 'SIGINT' : 0)) problems.push(`ended with ${signal ?? status}`);
  if (jobs !== expected.jobs) problems.push(`left the jobs ${jobs}`);
  if (isPressed && debugLines(text) !== debugLines(readFileSync(join(installed, DOCUMENT), 'utf8')))
    problems.push(`the debug output in ${DOCUMENT} should be\n${debugLines(text)}`);
  if (problems.length > 0) problems.push(`printed:\n${text}`);
  return length > MAX_LINES ? [`has ${length} lines, more than ${MAX_LINES}`, ...problems] : problems;
}

function checkWebhooks({ node }) {
  const application = join(mkdtempSync(join(folder.path, 'webhooks-')), 'application');
  return problemsOfWebhooks({ node, packages, folder: application }, redisUrl);
}

/** Each debug line once, without what differs from run to run. */
function debugLines(text) {
  const lines = text.split('\n').filter((line) => line.startsWith('GENAI-CANCEL '));
  const plain = lines.map((line) => line.replace(/^GENAI-CANCEL \w+: \w+ \+\w+ ms/, 'GENAI-CANCEL PID: ID +N ms'));
  return [...new Set(plain.map((line) => line.replace(/interactions\/[\w-]+/, 'interactions/NAME')))].join('\n');
}
