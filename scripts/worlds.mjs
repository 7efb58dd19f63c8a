/**
 * `npm run worlds`: each way of calling, ended in each way, against each world that the server may turn out to be. Real
 * processes talk to the emulator over HTTP. Counts the images that are paid for, in hand, and fetched by the commands that
 * were printed, and holds each printed sentence against the emulator's meter. Exit code 1 on a loss that is not allowed, on
 * a sentence that is not true, and if docs/stopping.md has another table. `--write` writes the table there.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { flags, ROOT, table } from './support/command.mjs';
import { inParallel } from './support/stage.mjs';
import { CALLERS, runCell, TRIGGERS, WORLDS } from './worlds/cell.mjs';

const DOCUMENT = join(ROOT, 'docs/stopping.md');
const [START, END] = ['<!-- worlds: start -->', '<!-- worlds: end -->'];
/** Most of a cell's time is waiting. */
const AT_ONCE = 4;

const values = flags({ write: false, only: '' });
const rows = Object.keys(WORLDS).flatMap((world) => TRIGGERS.map((trigger) => ({ world, trigger })));
const cells = rows
  .flatMap((row) => CALLERS.map((caller) => ({ ...row, caller })))
  .filter((cell) => Object.values(cell).join(' / ').includes(values.only));
const results = new Map(await inParallel(cells, AT_ONCE, async (cell) => [keyOf(cell), await runCell(cell)]));

const textOf = (row) => (caller) => results.get(keyOf({ ...row, caller }))?.text ?? '';
const body = rows.map((row) => [row.world, row.trigger, ...CALLERS.map(textOf(row))]);
const lines = [['world', 'ended by', ...CALLERS], ...body];
console.log(table(lines));
const wrong = cells.flatMap((cell) => results.get(keyOf(cell)).wrong.map((what) => `${keyOf(cell)}: ${what}`));
if (values.only === '') checkDocument();
for (const one of wrong) console.error(`- ${one}`);
console.log(wrong.length === 0 ? '\nNothing paid for was lost in silence.' : `\n${wrong.length} things are wrong.`);
process.exitCode = wrong.length === 0 ? 0 : 1;

function keyOf({ world, trigger, caller }) {
  return `${world} / ${trigger} / ${caller}`;
}

/** How many images are made before a signal arrives is a matter of milliseconds: only what is told of is compared. */
function checkDocument() {
  const text = readFileSync(DOCUMENT, 'utf8');
  const [start, end] = [text.indexOf(START), text.indexOf(END)];
  if (start < 0 || end < 0) throw new Error(`${DOCUMENT} has no ${START} and ${END}.`);
  const head = text.slice(0, start + START.length);
  const current = markdown();
  if (values.write) writeFileSync(DOCUMENT, `${head}\n\n${current}\n\n${text.slice(end)}`);
  else if (shapeOf(text.slice(start + START.length, end)) !== shapeOf(current)) {
    wrong.push(`${DOCUMENT} has another table: npm run worlds -- --write`);
  }
}

function markdown() {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const rowOf = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  return [rowOf(lines[0]), rowOf(widths.map((width) => '-'.repeat(width))), ...body.map(rowOf)].join('\n');
}

function shapeOf(text) {
  const told = text.replaceAll(/, \d+ fetched/g, '').replaceAll(/\d+/g, '#');
  return told.replaceAll(/[\s-]+/g, ' ').trim();
}
