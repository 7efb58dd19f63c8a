import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fromMarkdown } from 'mdast-util-from-markdown';
import ts from 'typescript';
import { ROOT } from '../support/command.mjs';

const LANGUAGES = new Set(['ts', 'typescript', 'mts']);

/** Each block of TypeScript is a program of its own, as strict as ours, that has the package by its name. */
export function checkBlocks(documents) {
  const blocks = documents.flatMap(({ file, text }) =>
    codeIn(fromMarkdown(text))
      .filter(({ lang }) => LANGUAGES.has(lang))
      .map(({ value, position }, index) => ({ file, index, text: value, line: position.start.line + 1 })),
  );
  if (!existsSync(join(ROOT, 'dist/index.d.ts'))) {
    return { what: 'blocks', count: 0, problems: ['dist/ is missing: run `npm run build` first'] };
  }
  // They lie in the root, and nowhere on disk, so that `genai-cancel` means this package, by its own `exports`.
  const sources = new Map(blocks.map((block) => [join(ROOT, `${fileName(block)}.mts`), block]));
  const program = ts.createProgram([...sources.keys()], compilerOptions(), hostWith(sources));
  const diagnostics = ts.getPreEmitDiagnostics(program);
  const problems = diagnostics.map((one) => describe(one, sources));
  return { what: 'blocks of TypeScript', count: blocks.length, problems };
}

/** All blocks of code, also those in lists. */
function codeIn(node) {
  return node.type === 'code' ? [node] : (node.children ?? []).flatMap(codeIn);
}

function fileName({ file, index }) {
  return `${file.replace(/\W/g, '-')}-block-${index + 1}`;
}

/** Those of the repository, except that an example may leave unused what it shows. */
function compilerOptions() {
  const config = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, ROOT);
  const { Force: moduleDetection } = ts.ModuleDetectionKind;
  return { ...options, moduleDetection, noUnusedLocals: false, noUnusedParameters: false };
}

function hostWith(sources) {
  const host = ts.createCompilerHost(compilerOptions());
  const textOf = (path) => sources.get(resolve(path))?.text;
  return {
    ...host,
    fileExists: (path) => textOf(path) !== undefined || host.fileExists(path),
    readFile: (path) => textOf(path) ?? host.readFile(path),
    getSourceFile: (path, language, ...rest) => {
      const text = textOf(path);
      if (text === undefined) return host.getSourceFile(path, language, ...rest);
      return ts.createSourceFile(path, text, language);
    },
  };
}

function describe({ file, start = 0, messageText, code }, sources) {
  const message = `TS${code}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  const block = file && sources.get(resolve(file.fileName));
  if (block === undefined) return file === undefined ? message : `${file.fileName}: ${message}`;
  return `${block.file}:${block.line + file.getLineAndCharacterOfPosition(start).line}: ${message}`;
}

const COMMAND = /\bnpm (?:run(?:-script)?(?: --?[\w-]+)* ([a-z][\w:-]*)|(test|start)\b)/g;

/** Every `npm run x` that a document mentions, in prose or in code, is a script of package.json. */
export function checkCommands(documents) {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const lines = documents.flatMap(({ file, text }) =>
    text.split('\n').map((line, index) => ({ line, where: `${file}:${index + 1}` })),
  );
  const named = lines.flatMap(({ line, where }) =>
    [...line.matchAll(COMMAND)].map(([, run, short]) => ({ name: run ?? short, where })),
  );
  const unknown = named.filter(({ name }) => !Object.hasOwn(scripts, name));
  const problems = unknown.map(({ name, where }) => `${where}: package.json has no script ${name}`);
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
