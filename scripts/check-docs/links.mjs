import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ROOT } from '../support/command.mjs';
import { proseLines } from './markdown.mjs';

/** `[text](target "title")`, `[name]: target`, and `href` or `src` in HTML. */
const LINKS = [
  /\]\(\s*<?([^\s)>]+)>?[^)]*\)/g,
  /^\s{0,3}\[[^\]^][^\]]*\]:\s*<?([^\s>]+)/g,
  /\b(?:href|src)="([^"]+)"/g,
];
const ELSEWHERE = /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i;

/** Every link that stays in the repository leads to a file, and to a heading or an anchor where it has a `#`. */
export function checkLinks(documents) {
  const anchors = new Map(documents.map((document) => [document.file, anchorsOf(document)]));
  const links = documents.flatMap(linksOf).filter(({ target }) => !ELSEWHERE.test(target));
  const problems = links.flatMap((link) => {
    const why = whyBroken(link, anchors);
    return why === undefined ? [] : [`${link.file}:${link.number}: ${link.target} ${why}`];
  });
  return {
    what: 'links',
    count: links.length,
    problems: [...documents.flatMap((document) => document.problems), ...problems],
  };
}

function linksOf(document) {
  // Code spans are taken out of the line, but one may be the text of a link: `[`examples/`](examples)` keeps its target.
  return proseLines(document).flatMap(({ number, text }) =>
    LINKS.flatMap((pattern) => [...text.matchAll(pattern)]).map(([, target]) => ({
      file: document.file,
      number,
      target,
    })),
  );
}

function whyBroken({ file, target }, anchors) {
  const [path, anchor] = target.split('#', 2).map(decodeURIComponent);
  const wanted = path === '' ? file : relative(ROOT, join(ROOT, dirname(file), path));
  if (wanted.startsWith('..')) return 'leads out of the repository';
  if (!existsSync(join(ROOT, wanted))) return 'leads nowhere';
  if (anchor === undefined || anchor === '') return undefined;
  const known = anchors.get(wanted);
  // Lines of source files (`#L12`) move: nothing here can vouch for them.
  if (known === undefined) return statSync(join(ROOT, wanted)).isFile() ? undefined : 'is a folder, it has no headings';
  return known.has(anchor.toLowerCase()) ? undefined : 'is no heading there';
}

/** The anchors that GitHub makes of headings, and those written in HTML. */
function anchorsOf({ lines }) {
  const anchors = new Set();
  for (const [index, line] of lines.entries()) {
    for (const [, name] of line.matchAll(/\b(?:id|name)="([^"]+)"/g)) anchors.add(name.toLowerCase());
    const heading = /^ {0,3}#{1,6}\s+(.*?)\s*#*\s*$/.exec(line)?.[1] ?? underlined(line, lines[index + 1]);
    if (heading !== undefined) addNumbered(anchors, slug(heading));
  }
  return anchors;
}

function underlined(line, next) {
  return /\S/.test(line) && /^(?:=+|-{2,})\s*$/.test(next ?? '') && !line.includes('|') ? line.trim() : undefined;
}

function slug(heading) {
  const text = heading.replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/<[^>]+>/g, '');
  return text
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Mark}\p{Number}\p{Connector_Punctuation}\- ]/gu, '')
    .replaceAll(' ', '-');
}

/** A heading that is there twice gets a number from its second time on. */
function addNumbered(anchors, name) {
  let free = name;
  for (let number = 1; anchors.has(free); number++) free = `${name}-${number}`;
  anchors.add(free);
}
