const COLUMNS = {
  runtime: ({ cell, versions }) => (versions === undefined ? `Node ${cell.node}?` : `Node ${versions.node}`),
  SDK: ({ cell, versions }) => `@google/genai ${versions === undefined ? `${cell.genai}?` : versions.genai}`,
  passed: ({ counts }) => String(counts?.passed ?? '-'),
  failed: ({ counts }) => String(counts?.failed ?? '-'),
  skipped: ({ counts }) => String(counts?.skipped ?? '-'),
  types: ({ types }) => types ?? '-',
  seconds: ({ seconds }) => seconds.toFixed(),
  '': ({ problem }) => (problem === undefined ? 'ok' : 'FAILED'),
};

/** One line for each cell. */
export function table(rows) {
  const lines = [Object.keys(COLUMNS), ...rows.map((row) => Object.values(COLUMNS).map((column) => column(row)))];
  const widths = Object.keys(COLUMNS).map((_, index) => Math.max(...lines.map((line) => line[index].length)));
  return lines
    .map((line) =>
      line
        .map((text, index) => text.padEnd(widths[index]))
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}
