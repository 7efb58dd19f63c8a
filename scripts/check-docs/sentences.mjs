import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromMarkdown } from 'mdast-util-from-markdown';
import ts from 'typescript';
import { output, ROOT } from '../support/command.mjs';

const MOST_WORDS = 30;
const SHOWN = 10;
const HELP = join('cli', 'help.ts');
/** Tags of HTML, rows of tables that only draw lines, and quotations: the words of others stay as they are. */
const NO_PROSE = /<!--.*?-->|<[^>]+>|\|[\s:|-]+\|$|"[^"]*"|“[^”]*”/gm;

/** Prints the longest sentences that a user may read, and refuses those above the limit. */
export function checkSentences(documents) {
  const read = documents.filter(({ file }) => file === 'README.md' || file.startsWith('docs/'));
  const sentences = [...read.flatMap(proseOf), ...itemsOfHelp(), ...messages()]
    .flatMap(({ where, text }) => sentencesOf(text).map((sentence) => ({ where, sentence, words: wordsOf(sentence) })))
    .sort((one, other) => other.words - one.words);
  const longest = sentences.slice(0, SHOWN).map(describe);
  console.log(`The ${SHOWN} longest sentences:\n${longest.join('\n')}`);
  return {
    what: 'sentences',
    count: sentences.length,
    problems: sentences.filter(({ words }) => words > MOST_WORDS).map(describe),
  };
}

const describe = ({ where, sentence, words }) => `  ${words} words, ${where}: ${sentence}`;

/** Paragraphs, items and cells of a document. Code in a line counts as one word. */
function proseOf({ file, text }) {
  const proses = [];
  const visit = (node, inQuote = false) => {
    if (node.type === 'paragraph' && !inQuote) proses.push(textIn(node));
    for (const child of node.children ?? []) visit(child, inQuote || node.type === 'blockquote');
  };
  visit(fromMarkdown(text));
  // Tables are no part of plain Markdown: their rows come as the lines of a paragraph.
  const pieces = proses.flatMap((prose) => (prose.startsWith('|') ? prose.split(/\n|\s\|\s/) : [prose]));
  return pieces.map((piece) => ({ where: file, text: piece }));
}

function textIn({ type, value, children = [] }) {
  if (type === 'inlineCode') return 'CODE';
  return value ?? children.map(textIn).join('');
}

/** The help is a list without full stops: a semicolon ends a sentence there. */
function itemsOfHelp() {
  const help = (...args) => output(process.execPath, ['dist/cli.js', 'help', ...args], { cwd: ROOT });
  const names = [
    ...help()
      .split('\n\n')[1]
      .matchAll(/^ {2}([a-z]+)/gm),
  ].map(([, name]) => name);
  const texts = [help(), ...names.map((name) => help(name))];
  const items = texts.join('\n\n').split(/\n(?= {0,6}\S| {7}\w+, \w+:|\n)|;\s/);
  return items.map((text) => ({ where: 'genai-cancel --help', text }));
}

/** The texts in the source that end as a sentence does. */
function messages() {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true });
  const sources = files.filter((file) => file.endsWith('.ts') && file !== HELP);
  return sources.flatMap((file) => {
    const source = ts.createSourceFile(file, readFileSync(join(ROOT, 'src', file), 'utf8'), ts.ScriptTarget.Latest);
    const found = [];
    const visit = (node) => {
      if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) found.push(node.text);
      if (ts.isTemplateExpression(node))
        found.push([node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('CODE'));
      ts.forEachChild(node, visit);
    };
    visit(source);
    return found.filter((text) => /\w \w.*[.?]\s*$/s.test(text)).map((text) => ({ where: `src/${file}`, text }));
  });
}

function sentencesOf(text) {
  const plain = text
    .replaceAll(NO_PROSE, 'QUOTED')
    .replaceAll(/`[^`]*`/g, 'CODE')
    .replaceAll(/\s+/g, ' ');
  return plain.split(/(?<=[.!?])\s+/).filter(Boolean);
}

function wordsOf(sentence) {
  return sentence.split(' ').filter((word) => /\w/.test(word)).length;
}
