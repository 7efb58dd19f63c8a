import { readFileSync } from 'node:fs';
import { groupBy, table } from '../support/command.mjs';

/** The names that two tests have: the proof of what the suite ran on, and of what its scripts did. */
const PROOFS = {
  suite: /^runs on (?<runtime>\w+) (?<version>\S+) with @google\/genai (?<genai>\S+)$/,
  scripts: /^starts scripts on (?<runtime>\w+) (?<version>\S+),/,
};

/** Adds up the reports that the runs of vitest have written. */
export function readReports(files) {
  const reports = files.map((file) => JSON.parse(readFileSync(file, 'utf8')));
  const tests = reports.flatMap(({ testResults }) => testResults.flatMap(({ assertionResults }) => assertionResults));
  const passed = tests.filter(({ status }) => status === 'passed');
  const failed = tests.filter(({ status }) => status === 'failed');
  const skipped = tests.filter((test) => !passed.includes(test) && !failed.includes(test));
  const proofOf = (pattern) => passed.map(({ title }) => pattern.exec(title)?.groups).find(Boolean);
  return {
    counts: { passed: passed.length, failed: failed.length, skipped: skipped.length },
    reasons: groupBy(skipped, ({ meta }) => meta?.leftOut ?? 'No reason is given.'),
    proofs: { suite: proofOf(PROOFS.suite), scripts: proofOf(PROOFS.scripts) },
  };
}

/** Returns the reason why the cell is not proven; `undefined` if it is. */
export function whatIsWrong({ runtime, major, genai }, { counts, proofs }, codes) {
  const bad = codes.find((code) => code !== 0);
  if (bad !== undefined) return `vitest ended with ${bad}, ${counts.failed} tests failed`;
  if (proofs.suite === undefined) return 'the run does not prove which versions it was on';
  const { suite, scripts } = proofs;
  const isOne = (proof) => proof.runtime === runtime && `${proof.version}.`.startsWith(`${major ?? ''}`);
  if ([suite, scripts].filter(Boolean).every(isOne) && suite.genai.startsWith(`${genai}.`)) return undefined;
  return `it ran on ${suite.runtime} ${suite.version} with @google/genai ${suite.genai}`;
}

const COLUMNS = {
  cell: ({ cell }) => cell.name,
  runtime: ({ cell: { runtime, major = '' }, proofs }) =>
    proofs?.suite === undefined ? `${runtime} ${major}?` : `${proofs.suite.runtime} ${proofs.suite.version}`,
  SDK: ({ cell, proofs }) => `@google/genai ${proofs?.suite?.genai ?? `${cell.genai}?`}`,
  passed: ({ counts }) => String(counts?.passed ?? '-'),
  failed: ({ counts }) => String(counts?.failed ?? '-'),
  skipped: ({ counts }) => String(counts?.skipped ?? '-'),
  types: ({ types }) => types ?? '-',
  seconds: ({ seconds }) => seconds.toFixed(),
  '': ({ problem }) => (problem === undefined ? 'ok' : problem.startsWith('LEFT OUT') ? 'LEFT OUT' : 'FAILED'),
};

export function cellTable(rows) {
  const columns = Object.values(COLUMNS);
  return table([Object.keys(COLUMNS), ...rows.map((row) => columns.map((column) => column(row)))]);
}

/** Lists the tests that were left out, and why. Cells with the same reasons share a line. */
export function notes(rows) {
  const cells = new Map();
  for (const { cell, reasons = new Map(), filesLeftOut = [], problem } of rows) {
    const lines = [...reasons].map(([reason, { length }]) => `${length} tests skipped: ${reason}`);
    if (filesLeftOut.length > 0)
      lines.push(`${filesLeftOut.length} files are not for a page: ${summary(filesLeftOut)}`);
    if (problem !== undefined) lines.push(problem.split('\n')[0]);
    for (const line of lines) cells.set(line, [...(cells.get(line) ?? []), cell.name]);
  }
  return [...cells].map(([line, names]) => `${names.join(', ')}\n  ${line}`).join('\n');
}

function summary(files) {
  return [...groupBy(files, ({ why }) => why)].map(([why, { length }]) => `${why} (${length})`).join(', ');
}
