import type { JobOutput } from '../port.js';
import { isObject } from '../../util/json.js';
import { messageOf } from './parse-batch.js';
import { outputOf } from '../content/parse-content.js';
import { totalOf, type VertexBatch } from './parse-vertex-batch.js';
import type { ResultRow } from './vertex-storage.js';

const NO_ROW = 'The batch ended without a result for this row.';

/** What the rows have come to, in the order of the requests as far as the rows tell it, and then what has no row. */
export function outputsOfRows(rows: readonly ResultRow[], batch: VertexBatch): readonly JobOutput[] {
  const made = inOrder(rows).map(outputOfRow);
  return [...made, ...missing(batch, batch.counts && totalOf(batch.counts) - made.length, made.length)];
}

/** What there is where the results lie, as far as the counts tell. */
export function outputsElsewhere(batch: VertexBatch): readonly JobOutput[] {
  const { counts, results = 'an unknown place' } = batch;
  const { succeeded, failed, left } = counts ?? { succeeded: 1, failed: 0, left: undefined };
  return [
    ...repeat(succeeded, { elsewhere: results }),
    ...repeat(failed, { failure: `The row failed; ${results} may say why.` }),
    ...missing(batch, left, succeeded + failed),
  ];
}

/** What has no row. A batch that did not succeed has at least one such, and so has one without any rows. */
function missing({ phase, message }: VertexBatch, counted: number | undefined, rows: number): readonly JobOutput[] {
  const count = Math.max(counted ?? (phase === 'succeeded' ? 0 : 1), rows === 0 ? 1 : 0);
  return repeat(count, phase === 'cancelled' ? { cancelled: true } : { failure: message ?? NO_ROW });
}

function repeat(count: number, output: JobOutput): readonly JobOutput[] {
  return Array.from({ length: count }, () => output);
}

/** Vertex writes rows as they are done. They can be put in order if the caller gave each a number as its `key`. */
function inOrder(rows: readonly ResultRow[]): readonly ResultRow[] {
  const keys = new Map(rows.map((row) => [row, keyOf(row)]));
  const areNumbered = [...keys.values()].every((key) => Number.isSafeInteger(key));
  return areNumbered ? [...rows].sort((one, other) => (keys.get(one) ?? 0) - (keys.get(other) ?? 0)) : rows;
}

function keyOf(row: ResultRow): number {
  const key = row?.['key'];
  if (typeof key === 'string' && /^\d+$/.test(key)) return Number(key);
  return typeof key === 'number' ? key : Number.NaN;
}

function outputOfRow(row: ResultRow): JobOutput {
  if (row === undefined) return { failure: 'The row of the results is not a JSON object.' };
  const { status, response } = row;
  if (typeof status === 'string' && status !== '') return { failure: status };
  if (isObject(response) && Object.keys(response).length > 0) return outputOf(response);
  return { failure: messageOf(status) ?? 'The row of the results has no response.' };
}
