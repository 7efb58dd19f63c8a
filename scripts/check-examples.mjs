/**
 * Runs every file of examples/ against an emulated server, and holds it to what it is said to do. The debug output of ctrl-c.mjs
 * is held to the lines in docs/signals.md. With a Redis, it runs examples/webhooks too.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { onServer, start } from './support/stage.mjs';

const FOLDER = fileURLToPath(new URL('../examples/', import.meta.url));
const MAX_LINES = 40;
const TIMEOUT_MS = 20_000;
const SLOW = { workMs: 5_000, faults: [{ kind: 'cancel-lag', ms: 300 }] };
/** The status stream is open by then, and has said what it knows. */
const INTERRUPT_AFTER_MS = 500;
/** The document with the debug output of an example. */
const DOCUMENT = 'docs/signals.md';

/**
 * Output, ending (0 by default) and jobs of each example, and the line at which it is interrupted.
 * With `isDocumented`, it runs with debug output, and the cancel takes a while.
 * @type {Record<string, { prints: RegExp[], jobs: string, signal?: string, interruptAt?: RegExp, isDocumented?: boolean }>}
 */
const expectations = {
  'generate.mjs': { prints: [/^image\/\w+, \d{3,} bytes$/m], jobs: 'completed, completed' },
  'abort-signal.mjs': {
    prints: [/^outcome: cancelled$/m, /^because: the user left$/m, /^interactions\/\S+ is cancelled$/m],
    jobs: 'cancelled, cancelled',
  },
  'timeout.mjs': { prints: [/^cancelled by timeout \(TimeoutError\): cancelled$/m, /^billing: /m], jobs: 'cancelled' },
  'handle.mjs': {
    prints: [
      /^accepted: interactions\//m,
      /-> running$/m,
      /^image 2: image\/\w+$/m,
      /^3 of 3$/m,
      /^the end: succeeded$/m,
    ],
    jobs: 'completed, completed, completed',
  },
  'cancel-by-name.mjs': {
    prints: [/^cancelled after 1 cancel request$/m, /^OperationFailedError: /m],
    jobs: 'cancelled',
  },
  'recover.mjs': {
    prints: [/^order 7: interactions\/\S+ was left behind$/m, /^1 image, from one create$/m],
    jobs: 'completed',
  },
  'ctrl-c.mjs': {
    prints: [/^SIGINT: cancelling/m, /^the end: cancelled$/m],
    jobs: 'cancelled',
    signal: 'SIGINT',
    interruptAt: /press Ctrl\+C/,
    isDocumented: true,
  },
};

const files = readdirSync(FOLDER).filter((file) => file.endsWith('.mjs'));
for (const file of new Set([...Object.keys(expectations), ...files])) {
  const problems = await problemsOf(file);
  console.log(problems.length === 0 ? `✓ ${file}` : `✗ ${file}: ${problems.join('; ')}`);
  if (problems.length > 0) process.exitCode = 1;
}

const redisUrl = process.env.GENAI_CANCEL_TEST_REDIS_URL;
if (redisUrl === undefined) console.log('webhooks/ was left out: it needs a Redis, named by GENAI_CANCEL_TEST_REDIS_URL');
else await checkWebhooks(redisUrl);

/** One process starts an image and ends. The emulator calls the other one, which takes the image over. */
async function checkWebhooks(REDIS_URL) {
  const text = await onServer({ workMs: 4_000 }, async (emulator, baseUrl) => {
    const env = { ...process.env, REDIS_URL, GOOGLE_GEMINI_BASE_URL: baseUrl, GEMINI_API_KEY: 'an-example' };
    const play = (file, more, hear) =>
      start(process.execPath, [`${FOLDER}webhooks/${file}`], { env: { ...env, ...more }, timeout: TIMEOUT_MS }, hear);
    let starting;
    const server = play('server.mjs', {}, (said) => {
      const [, port] = /listens on port (\d+)/.exec(said) ?? [];
      if (port !== undefined) starting ??= play('start.mjs', { WEBHOOK_URL: `http://127.0.0.1:${port}/webhook` });
      if (/1 image$/m.test(said)) server.child.kill('SIGTERM');
    });
    const { text: served } = await server.ended;
    return `${(await starting?.ended)?.text}${served}`;
  });
  const isRight = /^started (interactions\/\S+)$[^]*^\1: 1 image$/m.test(text);
  console.log(isRight ? '✓ webhooks/' : `✗ webhooks/: printed:\n${text}`);
  if (!isRight) process.exitCode = 1;
}

async function problemsOf(file) {
  const expected = expectations[file];
  if (!files.includes(file)) return ['it is missing'];
  if (expected === undefined) return ['check-examples.mjs does not say what it should do'];
  const { length } = readFileSync(`${FOLDER}${file}`, 'utf8').trimEnd().split('\n');
  const settings = expected.isDocumented ? SLOW : { workMs: 1_000 };
  const { code, signal, text, jobs } = await onServer(settings, async ({ meter }, url) => {
    const end = await run(file, url, expected);
    return { ...end, jobs: meter.jobs.map(({ status }) => status).join(', ') };
  });
  const problems = expected.prints.filter((line) => !line.test(text)).map((line) => `did not print ${line}`);
  if ((signal ?? code) !== (expected.signal ?? 0)) problems.push(`ended with ${code ?? signal}`);
  if (jobs !== expected.jobs) problems.push(`left the jobs ${jobs || 'none'}`);
  if (expected.isDocumented && debugLines(text) !== debugLines(readFileSync(`${FOLDER}../${DOCUMENT}`, 'utf8')))
    problems.push(`the debug output in ${DOCUMENT} should be\n${debugLines(text)}`);
  if (problems.length > 0) problems.push(`printed:\n${text}`);
  return length > MAX_LINES ? [`has ${length} lines, more than ${MAX_LINES}`, ...problems] : problems;
}

/** Each debug line once, without what differs from run to run. */
function debugLines(text) {
  const lines = text.split('\n').filter((line) => line.startsWith('GENAI-CANCEL '));
  const plain = lines.map((line) => line.replace(/^GENAI-CANCEL \w+: \w+ \+\w+ ms/, 'GENAI-CANCEL PID: ID +N ms'));
  return [...new Set(plain.map((line) => line.replace(/interactions\/[\w-]+/, 'interactions/NAME')))].join('\n');
}

function run(file, baseUrl, { interruptAt, isDocumented = false }) {
  const debug = isDocumented ? { NODE_DEBUG: 'genai-cancel' } : {};
  const env = { ...process.env, ...debug, GOOGLE_GEMINI_BASE_URL: baseUrl, GEMINI_API_KEY: 'an-example' };
  let isInterrupted = false;
  const hear = (text) => {
    if (isInterrupted || !interruptAt?.test(text)) return;
    isInterrupted = true;
    setTimeout(() => child.kill('SIGINT'), INTERRUPT_AFTER_MS);
  };
  const options = { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: TIMEOUT_MS, killSignal: 'SIGKILL' };
  const { child, ended } = start(process.execPath, [`${FOLDER}${file}`], options, hear);
  return ended;
}
