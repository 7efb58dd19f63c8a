import { spawn } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { createEmulator } from '../../dist/testing/node.js';
import { cleanEnvironment, ROOT, temporaryFolder } from '../support/command.mjs';

const TIMEOUT_MS = 30_000;
const AT_ONCE = 3;
const PRESS_AFTER_MS = 300;
/** What a terminal prints for a press of Ctrl+C. */
const PRESS = '^C';
const folder = temporaryFolder('docs');

/** Runs each ```js block by Node in a folder of its own. The ```text block that follows is what a terminal then shows. */
export async function runBlocks(documents) {
  const blocks = documents.flatMap(blocksOf);
  const problems = [];
  const waiting = [...blocks.entries()];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      problems.push(...(await check(...next)));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { what: 'blocks of JavaScript run', count: blocks.length, problems };
}

/** A ```text block with a ^C belongs to the last ```js block, also if that has another output: it is run again. */
function blocksOf({ file, text }) {
  const { children } = fromMarkdown(text);
  let last;
  return children.flatMap(({ lang, value, position }, index) => {
    if (lang === 'js') last = { where: `${file}:${position.start.line}`, code: value };
    const isOutput = lang === 'text' && last !== undefined;
    if (isOutput && value.includes(PRESS)) return [{ ...last, expected: value }];
    const next = children[index + 1];
    const isPressed = next?.lang === 'text' && next.value.includes(PRESS);
    return lang === 'js' && !isPressed ? [{ ...last, expected: next?.lang === 'text' ? next.value : '' }] : [];
  });
}

async function check(number, { where, code, expected }) {
  const cwd = join(folder.path, String(number));
  mkdirSync(join(cwd, 'node_modules/@google'), { recursive: true });
  symlinkSync(ROOT, join(cwd, 'node_modules/genai-cancel'), 'junction');
  symlinkSync(join(ROOT, 'node_modules/@google/genai'), join(cwd, 'node_modules/@google/genai'), 'junction');
  writeFileSync(join(cwd, 'block.mjs'), code);
  const emulator = createEmulator({ workMs: 1_000 });
  const server = await emulator.listen();
  const [before, after] = expected.split(PRESS);
  const press = after === undefined ? undefined : { before, started: emulator.waitFor(({ jobs }) => jobs.length > 0) };
  const printed = await run(cwd, server.url, press);
  await server.close();
  emulator.reset();
  const wanted = normalise(expected.replace(PRESS, ''));
  return normalise(printed) === wanted ? [] : [`${where} printed:\n${printed}\nin place of:\n${expected}`];
}

/** Resolves to all that a terminal would show. The press comes after the text before it or, if there is none, after the create. */
function run(cwd, url, press) {
  const env = cleanEnvironment({ GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: 'a-document', XDG_STATE_HOME: cwd });
  const child = spawn(process.execPath, ['block.mjs'], { cwd, env, timeout: TIMEOUT_MS, killSignal: 'SIGKILL' });
  const interrupt = () => setTimeout(() => child.kill('SIGINT'), PRESS_AFTER_MS);
  let printed = '';
  let isShown = press === undefined || press.before === '';
  if (press?.before === '') press.started.then(interrupt);
  const read = (chunk) => {
    printed += chunk;
    if (isShown || !normalise(printed).startsWith(normalise(press.before))) return;
    isShown = true;
    interrupt();
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  return new Promise((resolve) => child.on('close', () => resolve(printed)));
}

/** Names, ids and times differ from run to run. */
function normalise(text) {
  return text
    .replaceAll(/(interactions|batches)\/[\w-]+/g, '$1/NAME')
    .replaceAll(/\b[0-9a-f]{32}\b/g, 'ID')
    .replaceAll(/\d+(\.\d+)? (m?s|bytes)\b/g, 'N $2')
    .trim();
}
