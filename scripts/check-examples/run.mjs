import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, cleanEnvironment } from '../support/command.mjs';
import { start } from '../support/stage.mjs';
import { PRESS } from './programs.mjs';

const TIMEOUT_MS = 60_000;
const MAX_LINES = 40;
/** The status stream is open by then, and has said what it knows. */
const PRESS_AFTER_MS = 500;
const SLOW = ['--fault', '{"kind":"cancel-lag","ms":300}'];
/** The example whose debug output a document has. */
const DEBUGGED = 'ctrl-c.mjs';
const DOCUMENT = join(ROOT, 'docs/signals.md');

/** Compares what a program does with what is said of it. The jobs of an example finish in any order. */
export async function problemsOf(application, { name, code, expected, jobs }) {
  const isPressed = expected.includes(PRESS);
  const end = await run(application, code, isPressed);
  const linesOf = (text) => (jobs === undefined ? normalise(text) : normalise(text).split('\n').sort().join('\n'));
  const problems = [];
  if (linesOf(end.text) !== linesOf(expected.replace(PRESS, ''))) problems.push('has another output');
  if ((end.signal ?? end.code) !== (isPressed ? 'SIGINT' : 0)) problems.push(`ended with ${end.signal ?? end.code}`);
  if (![undefined, end.jobs].includes(jobs)) problems.push(`left the jobs ${end.jobs}`);
  if (name === DEBUGGED && debugLines(end.text) !== debugLines(readFileSync(DOCUMENT, 'utf8')))
    problems.push(`the debug output in ${DOCUMENT} should be\n${debugLines(end.text)}`);
  if (problems.length > 0) problems.push(`printed:\n${end.text}\nin place of:\n${expected}`);
  if (jobs !== undefined && code.trimEnd().split('\n').length > MAX_LINES) problems.push('is too long');
  return problems;
}

/**
 * Runs a program in a folder of its own inside of the application, against a `genai-cancel emulator` of its own. Resolves to its
 * end, its output and the ends of the jobs. With `isPressed`, Ctrl+C interrupts it while its job runs.
 */
async function run({ path, node }, code, isPressed) {
  const cwd = mkdtempSync(join(path, 'run-'));
  writeFileSync(join(cwd, 'program.mjs'), code);
  const command = [join(path, 'node_modules/.bin/genai-cancel'), 'emulator'];
  const emulator = start(node, [...command, ...(isPressed ? SLOW : [])], { env: cleanEnvironment() });
  const [, url, key] = await emulator.said(/^export GOOGLE_GEMINI_BASE_URL=(\S+)\nexport GEMINI_API_KEY=(\S+)$/m);
  const given = { GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: key, XDG_STATE_HOME: cwd };
  const env = cleanEnvironment(isPressed ? { ...given, NODE_DEBUG: 'genai-cancel' } : given);
  const { child, ended } = start(node, ['program.mjs'], { cwd, env, timeout: TIMEOUT_MS, killSignal: 'SIGKILL' });
  const press = () => setTimeout(() => child.kill('SIGINT'), PRESS_AFTER_MS);
  if (isPressed) emulator.said(/: in_progress$/m).then(press, () => undefined);
  const end = await ended;
  emulator.child.kill('SIGINT');
  const { text } = await emulator.ended;
  return { ...end, jobs: /^Requests: \d+\. Jobs: \d+ \((.+?)\)/m.exec(text)?.[1] ?? 'none' };
}

/** Names and numbers of bytes differ from run to run. */
function normalise(text) {
  return text
    .replaceAll(/^GENAI-CANCEL .*\n/gm, '')
    .replaceAll(/(interactions|batches)\/[\w-]+/g, '$1/NAME')
    .replaceAll(/\d+ bytes/g, 'N bytes')
    .trim();
}

/** Each debug line once, without what differs from run to run. */
function debugLines(text) {
  const lines = text.split('\n').filter((line) => line.startsWith('GENAI-CANCEL '));
  const plain = lines.map((line) => line.replace(/^GENAI-CANCEL \w+: \w+ \+\w+ ms/, 'GENAI-CANCEL PID: ID +N ms'));
  return [...new Set(plain.map((line) => line.replace(/interactions\/[\w-]+/, 'interactions/NAME')))].join('\n');
}
