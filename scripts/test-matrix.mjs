/**
 * `npm run test:matrix`: the whole suite, and the types, on every runtime that is supported and with both majors of the SDK.
 * Each cell is a fresh copy of the working tree, installed, built and run; which versions these were is taken from the run itself.
 *
 *   npm run test:matrix                            all cells
 *   npm run test:matrix -- --only node24/genai3    one cell; may be given more than once
 */
import { parseArgs } from 'node:util';
import { runCell } from './test-matrix/cell.mjs';
import { chooseCells } from './test-matrix/cells.mjs';
import { temporaryFolder } from './support/command.mjs';
import { cellTable, notes } from './test-matrix/report.mjs';

const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } });
const cells = chooseCells(values);
const folder = temporaryFolder('matrix');

const rows = [];
for (const cell of cells) {
  console.log(`\n=== ${cell.name} ===`);
  const row = runCell(cell, folder.path);
  rows.push(row);
  if (row.problem !== undefined) console.error(`✗ ${cell.name}: ${row.problem}`);
}
console.log(`\n${cellTable(rows)}\n\n${notes(rows)}`);
process.exitCode = rows.every(({ problem }) => problem === undefined) ? 0 : 1;
