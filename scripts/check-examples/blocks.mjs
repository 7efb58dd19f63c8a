import { fromMarkdown } from 'mdast-util-from-markdown';
import { runProgram } from './program.mjs';

/** Text that a terminal prints for a press of Ctrl+C. */
const PRESS = '^C';

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

export async function problemsOfBlock(application, { code, expected }) {
  const options = { emulated: ['--work-seconds', '2'], isPressed: expected.includes(PRESS) };
  const { text } = await runProgram(application, code, options);
  const isSo = normalise(text) === normalise(expected.replace(PRESS, ''));
  return isSo ? [] : [`printed:\n${text}\nin place of:\n${expected}`];
}

/** Names and numbers of bytes differ from run to run. */
function normalise(text) {
  return text
    .replaceAll(/(interactions|batches)\/[\w-]+/g, '$1/NAME')
    .replaceAll(/\d+ bytes/g, 'N bytes')
    .trim();
}
