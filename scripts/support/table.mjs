/** Lines of cells as one text: columns are as wide as their widest cell, and those named in `right` end at the right. */
export function table(lines, { right = [] } = {}) {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const pad = (cell, column) => (right.includes(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column]));
  return lines.map((line) => line.map(pad).join('   ').trimEnd()).join('\n');
}
