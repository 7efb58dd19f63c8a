/**
 * Runs every file of examples/ against an emulated server, and holds it to what it is said to do. The debug output of ctrl-c.mjs
 * is held to the lines in docs/signals.md.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createEmulator } from '../dist/testing/node.js';

const FOLDER = fileURLToPath(new URL('../examples/', import.meta.url));
const MAX_LINES = 40;
const TIMEOUT_MS = 20_000;
/** The status stream is open by then, and has said what it knows. */
const INTERRUPT_AFTER_MS = 500;
/** The document with the debug output of an example. */
const DOCUMENT = 'docs/signals.md';

/**
 * Output, ending (0 by default) and jobs of each example, and the line at which it is interrupted.
 * With `isDocumented`, it runs with debug output, and the cancel takes a while.
 * @type {Record<string, { prints: RegExp[], jobs: string[], signal?: string, interruptAt?: RegExp, isDocumented?: boolean }>}
 */
const expectations = {
  'generate.mjs': { prints: [/^image\/\w+, \d{3,} bytes$/m], jobs: ['completed', 'completed'] },
  'abort-signal.mjs': {
    prints: [/^outcome: cancelled$/m, /^because: the user left$/m, /^interactions\/\S+ is cancelled$/m],
    jobs: ['cancelled', 'cancelled'],
  },
  'timeout.mjs': {
    prints: [/^cancelled by timeout \(TimeoutError\): cancelled$/m, /^billing: /m],
    jobs: ['cancelled'],
  },
  'handle.mjs': {
    prints: [
      /^accepted: interactions\//m,
      /-> running$/m,
      /^image 2: image\/\w+$/m,
      /^3 of 3$/m,
      /^the end: succeeded$/m,
    ],
    jobs: ['completed', 'completed', 'completed'],
  },
  'cancel-by-name.mjs': {
    prints: [/^cancelled after 1 cancel request$/m, /^OperationFailedError: /m],
    jobs: ['cancelled'],
  },
  'recover.mjs': {
    prints: [/^order 7: interactions\/\S+ was left behind$/m, /^1 image, from one create$/m],
    jobs: ['completed'],
  },
  'ctrl-c.mjs': {
    prints: [/^SIGINT: cancelling/m, /^the end: cancelled$/m],
    jobs: ['cancelled'],
    signal: 'SIGINT',
    interruptAt: /press Ctrl\+C/,
    isDocumented: true,
  },
};

async function check(file) {
  const expected = expectations[file];
  if (expected === undefined) return ['check-examples.mjs does not say what it should do'];
  const slow = { workMs: 5_000, faults: [{ kind: 'cancel-lag', ms: 300 }] };
  const emulator = createEmulator(expected.isDocumented ? slow : { workMs: 1_000 });
  const server = await emulator.listen();
  const { code, signal, output } = await run(file, server.url, expected);
  const jobs = emulator.meter.jobs.map(({ status }) => status);
  await server.close();
  emulator.reset();
  const [wantedCode, wantedSignal] = expected.signal === undefined ? [0, null] : [null, expected.signal];
  const problems = expected.prints.filter((line) => !line.test(output)).map((line) => `did not print ${line}`);
  if (code !== wantedCode || signal !== wantedSignal) problems.push(`ended with ${code ?? signal}`);
  if (jobs.join() !== expected.jobs.join()) problems.push(`left the jobs ${jobs.join(', ') || 'none'}`);
  if (expected.isDocumented && debugLines(output) !== debugLines(readFileSync(`${FOLDER}../${DOCUMENT}`, 'utf8')))
    problems.push(`the debug output in ${DOCUMENT} should be\n${debugLines(output)}`);
  return problems.length === 0 ? [] : [...problems, `printed:\n${output}`];
}

/** Each debug line once, without what differs from run to run. */
function debugLines(text) {
  const lines = text.split('\n').filter((line) => line.startsWith('GENAI-CANCEL '));
  const plain = lines.map((line) =>
    line
      .replace(/^GENAI-CANCEL \w+: \w+ \+\w+ ms/, 'GENAI-CANCEL PID: ID +N ms')
      .replace(/interactions\/[\w-]+/, 'interactions/NAME'),
  );
  return [...new Set(plain)].join('\n');
}

async function run(file, baseUrl, { interruptAt, isDocumented = false }) {
  const debug = isDocumented ? { NODE_DEBUG: 'genai-cancel' } : {};
  const child = spawn(process.execPath, [`${FOLDER}${file}`], {
    env: { ...process.env, ...debug, GOOGLE_GEMINI_BASE_URL: baseUrl, GEMINI_API_KEY: 'an-example' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  let output = '';
  let interrupted = false;
  const read = (chunk) => {
    output += chunk;
    if (interrupted || interruptAt === undefined || !interruptAt.test(output)) return;
    interrupted = true;
    setTimeout(() => child.kill('SIGINT'), INTERRUPT_AFTER_MS);
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  const [code, signal] = await once(child, 'close');
  return { code, signal, output };
}

async function problemsOf(file) {
  const lines = readFileSync(`${FOLDER}${file}`, 'utf8').trimEnd().split('\n').length;
  return [...(lines > MAX_LINES ? [`has ${lines} lines, more than ${MAX_LINES}`] : []), ...(await check(file))];
}

const files = readdirSync(FOLDER).filter((file) => file.endsWith('.mjs'));
const missing = Object.keys(expectations).filter((file) => !files.includes(file));
let failed = missing.length > 0;
for (const file of missing) console.error(`✗ ${file} is missing`);
for (const file of files) {
  const problems = await problemsOf(file);
  failed ||= problems.length > 0;
  console.log(problems.length === 0 ? `✓ ${file}` : `✗ ${file}: ${problems.join('; ')}`);
}
process.exitCode = failed ? 1 : 0;
