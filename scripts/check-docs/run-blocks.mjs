import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { cleanEnvironment, ROOT, temporaryFolder } from '../support/command.mjs';
import { inParallel, onServer, start } from '../support/stage.mjs';

const TIMEOUT_MS = 30_000;
const AT_ONCE = 3;
/** Text that a terminal prints for a press of Ctrl+C. It comes so long after the first create. */
const PRESS = '^C';
const PRESS_AFTER_MS = 300;
const folder = temporaryFolder('docs');

/** The packages as they are in the checkout, and this Node. */
const HERE = {
  workMs: 1_000,
  node: process.execPath,
  packages: { 'genai-cancel': ROOT, '@google/genai': join(ROOT, 'node_modules/@google/genai') },
};

/**
 * Runs each block of JavaScript in a folder of its own. The block of text that follows is all that a terminal shows.
 * `packages` says where each package is that a block may import, and `workMs` how long an image takes.
 */
export async function runBlocks(documents, { workMs, node, packages } = HERE) {
  const blocks = documents.flatMap(blocksOf);
  const problems = await inParallel(blocks, AT_ONCE, (block) => check({ ...block, workMs, node, packages }));
  return { what: 'runs of JavaScript', count: blocks.length, problems: problems.flat() };
}

/** A text with a press belongs to the last JavaScript, which may have another output without it. */
function blocksOf({ file, text }) {
  const { children } = fromMarkdown(text);
  let last;
  return children.flatMap(({ lang, value, position }, index) => {
    if (lang === 'text' && value.includes(PRESS)) return [{ ...last, expected: value }];
    if (lang !== 'js') return [];
    last = { where: `${file}:${position.start.line}`, code: value };
    const { lang: kind, value: expected = '' } = children[index + 1] ?? {};
    return expected.includes(PRESS) ? [] : [{ ...last, expected: kind === 'text' ? expected : '' }];
  });
}

async function check({ where, code, expected, workMs, node, packages }) {
  const cwd = mkdtempSync(join(folder.path, 'block-'));
  mkdirSync(join(cwd, 'node_modules/@google'), { recursive: true });
  for (const [name, path] of Object.entries(packages)) symlinkSync(path, join(cwd, 'node_modules', name), 'junction');
  writeFileSync(join(cwd, 'block.mjs'), code);
  const { text: printed } = await onServer({ workMs }, (emulator, url) => {
    const given = { GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: 'a-document', XDG_STATE_HOME: cwd };
    const options = { cwd, env: cleanEnvironment(given), timeout: TIMEOUT_MS, killSignal: 'SIGKILL' };
    const { child, ended } = start(node, ['block.mjs'], options);
    const interrupt = () => setTimeout(() => child.kill('SIGINT'), PRESS_AFTER_MS);
    if (expected.includes(PRESS)) emulator.waitFor(({ jobs }) => jobs.length > 0).then(interrupt);
    return ended;
  });
  const isSo = normalise(printed) === normalise(expected.replace(PRESS, ''));
  return isSo ? [] : [`${where} printed:\n${printed}\nin place of:\n${expected}`];
}

/** Names and numbers of bytes differ from run to run. */
function normalise(text) {
  return text
    .replaceAll(/(interactions|batches)\/[\w-]+/g, '$1/NAME')
    .replaceAll(/\d+ bytes/g, 'N bytes')
    .trim();
}
