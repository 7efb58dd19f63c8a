import { FOLDERS } from './tests.mjs';
import { explanations } from './survivors.mjs';

const STATUSES = { killed: 'Killed', 'timed out': 'Timeout', survived: 'Survived', 'no coverage': 'NoCoverage' };
const MAX_TEXT = 100;

/** The mutants of a report of Stryker, as far as they are in the files wanted: `{ file, folder, line, status, text, why }`. */
export function mutantsIn(report, isWanted) {
  return Object.entries(report.files)
    .filter(([file]) => isWanted(file))
    .flatMap(([file, { source, mutants }]) => {
      const lines = source.split('\n');
      return mutants.map(({ mutatorName, replacement, location, status }) => {
        const { line } = location.start;
        const text = `${mutatorName}: ${short(textAt(lines, location))} → ${short(replacement)}`;
        const mutant = { file, folder: file.split('/')[1], line, status, text };
        return { ...mutant, explanation: explanationOf(mutant, lines[line - 1]) };
      });
    });
}

/** The folders of these mutants with how many came to what, and the percentage of those that were found. */
export function scores(mutants) {
  return FOLDERS.map((folder) => {
    const mine = mutants.filter((mutant) => mutant.folder === folder);
    const counts = Object.entries(STATUSES).map(([name, status]) => [name, countOf(mine, status)]);
    const total = counts.reduce((sum, [, count]) => sum + count, 0);
    const found = countOf(mine, 'Killed') + countOf(mine, 'Timeout');
    return { folder, mutants: total, ...Object.fromEntries(counts), '%': (100 * found) / total };
  }).filter(({ mutants: total }) => total > 0);
}

/** One line for each folder. */
export function table(rows) {
  const columns = ['folder', 'mutants', ...Object.keys(STATUSES), '%'];
  const cell = (value) => (Number.isInteger(value) ? String(value) : (value.toFixed?.(1) ?? value));
  const lines = [columns, ...rows.map((row) => columns.map((column) => cell(row[column])))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index].length)));
  return lines.map((line) => line.map((text, index) => text.padStart(widths[index])).join('   ')).join('\n');
}

/** Those that no test finds, with the reasons that are written down. */
export function survivorsIn(mutants) {
  return mutants
    .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
    .sort((one, other) => one.file.localeCompare(other.file) || one.line - other.line);
}

/** One line for each survivor, and one for its reason. */
export function list(survivors) {
  return survivors
    .flatMap(({ file, line, status, text, explanation }) => {
      const note = status === 'NoCoverage' ? ' (reached by no test)' : '';
      return [`${file}:${line} ${text}${note}`, ...(explanation === undefined ? [] : [`    ${explanation.why}`])];
    })
    .join('\n');
}

/** The reasons that no survivor has any more. */
export function staleIn(survivors, isWanted) {
  const used = new Set(survivors.map(({ explanation }) => explanation));
  return explanations.filter((explanation) => isWanted(explanation.file) && !used.has(explanation));
}

function explanationOf({ file, text }, line) {
  return explanations.find(
    (known) => known.file === file && text.startsWith(known.mutant) && line.includes(known.at ?? ''),
  );
}

function countOf(mutants, wanted) {
  return mutants.filter(({ status }) => status === wanted).length;
}

function textAt(lines, { start, end }) {
  const covered = lines.slice(start.line - 1, end.line);
  covered.push(covered.pop().slice(0, end.column - 1));
  covered[0] = covered[0].slice(start.column - 1);
  return covered.join(' ');
}

function short(text) {
  const flat = text.replace(/\s+/g, ' ').trim();
  return flat.length > MAX_TEXT ? `${flat.slice(0, MAX_TEXT)}…` : flat;
}
