import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fromMarkdown } from 'mdast-util-from-markdown';

/** Text that a terminal prints for a press of Ctrl+C. */
export const PRESS = '^C';

/**
 * Lists the blocks of JavaScript in a document. The block of text that follows is all that a terminal shows. One with a press
 * belongs to the last JavaScript, which may have another output without it.
 */
export function blocksOf({ file, text }) {
  const { children } = fromMarkdown(text);
  let last;
  return children.flatMap(({ lang, value, position }, index) => {
    if (lang === 'text' && value.includes(PRESS)) return [{ ...last, expected: value }];
    if (lang !== 'js') return [];
    last = { name: `${file}:${position.start.line}`, code: value };
    const { lang: kind, value: expected = '' } = children[index + 1] ?? {};
    return expected.includes(PRESS) ? [] : [{ ...last, expected: kind === 'text' ? expected : '' }];
  });
}

/** Lists the files of a folder. Under the link to each, its page has the output and the jobs on the meter. */
export function examplesIn(folder) {
  const { children } = fromMarkdown(readFileSync(join(folder, 'README.md'), 'utf8'));
  const files = readdirSync(folder).filter((file) => file.endsWith('.mjs'));
  return files.map((name) => {
    const heading = children.findIndex(({ type, children: [link] = [] }) => type === 'heading' && link.url === name);
    if (heading < 0) throw new Error(`examples/README.md does not show ${name}.`);
    const [{ value: expected }, { children: told }] = children.slice(heading + 1);
    return { name, code: readFileSync(join(folder, name), 'utf8'), expected, jobs: told[1].value };
  });
}
