const FENCE = /^(\s*)(`{3,}|~{3,})\s*(\S*)/;

/**
 * A document as far as it matters here: its blocks of code with their first line, and its prose, in which blocks, comments
 * and code spans are blanked so that every line keeps its number.
 */
export function parseMarkdown(file, text) {
  const blocks = [];
  const prose = [];
  let fence;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const [, indent = '', marks = '', language = ''] = FENCE.exec(line) ?? [];
    if (fence !== undefined) {
      const closes = marks.startsWith(fence.marks) && language === '';
      if (closes) fence = undefined;
      else fence.lines.push(line.startsWith(fence.indent) ? line.slice(fence.indent.length) : line);
    } else if (marks !== '') {
      fence = { language, marks, indent, line: index + 2, lines: [] };
      blocks.push(fence);
    }
    prose.push(marks !== '' || fence !== undefined ? '' : line);
  }
  const open = fence === undefined ? [] : [`${file}:${fence.line - 1}: the code block is never closed`];
  return { file, text, blocks, lines: blankComments(prose.join('\n')).split('\n'), problems: open };
}

/** The prose of a document line by line, numbered from 1, without code spans. */
export function proseLines({ lines }) {
  return lines.map((line, index) => ({ number: index + 1, text: line.replace(/(`+).+?\1/g, '') }));
}

function blankComments(text) {
  return text.replace(/<!--.*?-->/gs, (comment) => comment.replace(/[^\n]/g, ''));
}
