import { table } from '../support/table.mjs';

const COLUMNS = {
  cell: ({ cell }) => cell.name,
  runtime: ({ cell, proofs }) =>
    proofs?.suite === undefined
      ? `${cell.runtime} ${cell.major ?? ''}?`
      : `${proofs.suite.runtime} ${proofs.suite.version}`,
  SDK: ({ cell, proofs }) => `@google/genai ${proofs?.suite?.genai ?? `${cell.genai}?`}`,
  passed: ({ counts }) => String(counts?.passed ?? '-'),
  failed: ({ counts }) => String(counts?.failed ?? '-'),
  skipped: ({ counts }) => String(counts?.skipped ?? '-'),
  types: ({ types }) => types ?? '-',
  seconds: ({ seconds }) => seconds.toFixed(),
  '': ({ problem }) => (problem === undefined ? 'ok' : problem.startsWith('LEFT OUT') ? 'LEFT OUT' : 'FAILED'),
};

/** One line for each cell. */
export function cellTable(rows) {
  const columns = Object.values(COLUMNS);
  return table([Object.keys(COLUMNS), ...rows.map((row) => columns.map((column) => column(row)))]);
}

/** What was left out, and why: cells with the same reasons together. */
export function notes(rows) {
  const cells = new Map();
  for (const { cell, reasons = new Map(), filesLeftOut = [], problem } of rows) {
    const lines = [...reasons].map(([reason, count]) => `${count} tests skipped: ${reason}`);
    if (filesLeftOut.length > 0)
      lines.push(`${filesLeftOut.length} files are not for a page: ${summary(filesLeftOut)}`);
    if (problem !== undefined) lines.push(problem.split('\n')[0]);
    for (const line of lines) cells.set(line, [...(cells.get(line) ?? []), cell.name]);
  }
  return [...cells].map(([line, names]) => `${names.join(', ')}\n  ${line}`).join('\n');
}

function summary(files) {
  const counts = new Map();
  for (const { why } of files) counts.set(why, (counts.get(why) ?? 0) + 1);
  return [...counts].map(([why, count]) => `${why} (${count})`).join(', ');
}
