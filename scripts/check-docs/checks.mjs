import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { ROOT } from '../support/command.mjs';

const LANGUAGES = ['ts', 'typescript', 'mts'];
/** It lies in the checkout, so that `genai-cancel` means this package, by its own `exports`. */
const FOLDER = join(ROOT, 'out/blocks');
/** The options of the repository, except that an example may leave unused what it shows. */
const CONFIG = {
  extends: '../../tsconfig.json',
  compilerOptions: { moduleDetection: 'force', noUnusedLocals: false, noUnusedParameters: false },
  include: ['**/*.mts'],
  exclude: [],
};

/** Each block of TypeScript is a program of its own, as strict as ours, that has the package by its name. */
export function checkBlocks(documents) {
  const blocks = documents.flatMap(({ file, text }) =>
    codeIn(fromMarkdown(text))
      .filter(({ lang }) => LANGUAGES.includes(lang))
      .map(({ value, position: { start } }) => ({ file: `${file}-${start.line}.mts`, line: start.line, code: value })),
  );
  rmSync(FOLDER, { recursive: true, force: true });
  // The empty lines before it give an error the line of the document.
  for (const { file, line, code } of blocks) write(file, '\n'.repeat(line) + code);
  write('tsconfig.json', JSON.stringify(CONFIG));
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', '.'], { cwd: FOLDER, encoding: 'utf8' });
  return { what: 'blocks of TypeScript', count: blocks.length, problems: stdout.split('\n').filter(Boolean) };
}

/** All blocks of code, also those in lists. */
function codeIn(node) {
  return node.type === 'code' ? [node] : (node.children ?? []).flatMap(codeIn);
}

function write(file, text) {
  const path = join(FOLDER, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

const COMMAND = /\bnpm (?:run(?:-script)?(?: --?[\w-]+)* ([a-z][\w:-]*)|(test|start)\b)/g;

/** Every `npm run x` that a document mentions, in prose or in code, is a script of package.json. */
export function checkCommands(documents) {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const named = documents.flatMap(({ file, text }) =>
    [...text.matchAll(COMMAND)].map(([, run, short]) => ({ name: run ?? short, file })),
  );
  const unknown = named.filter(({ name }) => !Object.hasOwn(scripts, name));
  const problems = unknown.map(({ name, file }) => `${file}: package.json has no script ${name}`);
  return { what: 'commands', count: named.length, problems };
}

/** Pages for contributors, which ARCHITECTURE.md and CONTRIBUTING.md link. */
const FOR_CONTRIBUTORS = ['traps.md'];
const ITEM = /^(?:-|\d+\.) \[[^\]]+\]\(docs\/([\w-]+\.md)\)/gm;

/** README.md lists all pages of docs/ in their order, and each page ends with the link to the next one. */
export function checkOrder(documents) {
  const textOf = (name) => documents.find(({ file }) => file === name)?.text ?? '';
  const pages = documents.filter(({ file }) => file.startsWith('docs/')).map(({ file }) => file.slice('docs/'.length));
  const listed = [...textOf('README.md').matchAll(ITEM)].map(([, page]) => page);
  const missing = pages.filter((page) => ![...listed, ...FOR_CONTRIBUTORS].includes(page));
  const links = listed.slice(1).map((next, index) => ({ page: listed[index], next }));
  const unlinked = links.filter(({ page, next }) => {
    return !textOf(`docs/${page}`).trimEnd().split('\n').at(-1).includes(`](${next})`);
  });
  const problems = [
    ...missing.map((page) => `README.md does not list docs/${page}`),
    ...unlinked.map(({ page, next }) => `docs/${page} does not end with a link to ${next}`),
  ];
  return { what: 'pages in order', count: listed.length, problems };
}
