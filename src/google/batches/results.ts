import type { CloudStorage } from '../../api/cloud-storage.js';
import { OperationFailedError, type FailureFactory } from '../../api/errors.js';
import { isObject, parseJson, textIn } from '../../util/json.js';
import { inPlaces, outputsOf, type Outputs } from '../content.js';
import type { FailureReader } from '../failures.js';
import type { JobOutput, JobStatus } from '../port.js';
import { commonStatusOf, isCancelled, totalOf, type StoredBatch } from './parse-batch.js';

const NEWLINE = 10;
const NO_ROW = 'The batch ended without a result for this row.';
/** Tries of reading the results before they are left where they lie. Each status read tries at most once. */
const MAX_TRIES = 5;
/** Codes of a storage that stay the same at the next try. */
const FINAL_CODES: readonly unknown[] = [401, 403, 404];

/** One line of `predictions*.jsonl`; `undefined` if it is not an object. */
type ResultRow = Record<string, unknown> | undefined;

export type ReadRows = (address: string) => Promise<Iterable<ResultRow>>;

interface Reading {
  isReading: boolean;
  tries: number;
  rows?: readonly ResultRow[];
  failure?: FailureFactory;
}

/** The stored results of batches. They can be large: they are fetched beside the status reads, which do not wait for them. */
export class StoredResults {
  readonly #byId = new Map<string, Reading>();
  readonly #readRows: ReadRows | undefined;
  readonly #failures: FailureReader;

  /** Without `readRows` the results stay where they are. */
  constructor(readRows: ReadRows | undefined, failures: FailureReader) {
    this.#readRows = readRows;
    this.#failures = failures;
  }

  /** Returns the status with the images, or with `pending` as long as these are being fetched. */
  statusOf(batch: StoredBatch): JobStatus {
    const common = commonStatusOf(batch);
    if (!hasMadeSomething(batch)) return common;
    const elsewhere = outputsElsewhere(batch);
    if (batch.folder === undefined || this.#readRows === undefined) return withOutputs(common, elsewhere);
    const reading = this.#byId.get(batch.id) ?? { isReading: false, tries: 0 };
    this.#byId.set(batch.id, reading);
    if (reading.rows !== undefined) return withOutputs(common, outputsOfRows(reading.rows, batch));
    if (reading.failure !== undefined) return { ...withOutputs(common, elsewhere), notFetched: reading.failure };
    if (!reading.isReading) void this.#read(reading, batch.folder, this.#readRows);
    return { ...common, phase: 'succeeded', pending: elsewhere };
  }

  async #read(reading: Reading, folder: string, readRows: ReadRows): Promise<void> {
    reading.isReading = true;
    reading.tries++;
    try {
      reading.rows = [...(await readRows(folder))];
    } catch (error) {
      if (reading.tries < MAX_TRIES && !(isObject(error) && FINAL_CODES.includes(error['code']))) return;
      const { error: cause } = this.#failures.read(error);
      const message = `The batch has ended and its results are in ${folder}, but reading them failed: ${cause.message}`;
      reading.failure = (jobs) => new OperationFailedError('RESULT_UNREADABLE', message, { jobs, cause });
    } finally {
      reading.isReading = false;
    }
  }
}

/** Whether there are results: rows that are done are kept, however the batch has ended. */
function hasMadeSomething({ phase, counts, isWritten }: StoredBatch): boolean {
  if (phase === 'succeeded') return true;
  return (phase === 'cancelled' || phase === 'failed') && isWritten && counts?.succeeded !== 0;
}

function withOutputs(status: JobStatus, outputs: readonly JobOutput[]): JobStatus {
  return { ...status, phase: 'succeeded', outputs };
}

/** Returns the outputs of the rows, in the order of the requests as far as the rows tell it, and then those without a row. */
export function outputsOfRows(rows: readonly ResultRow[], batch: StoredBatch): readonly JobOutput[] {
  const made = inOrder(rows).map(outputsOfRow);
  const others = missing(batch, batch.counts && totalOf(batch.counts) - made.length, made.length);
  const all = [...made, ...others.map((output): Outputs => [output])];
  return inPlaces(all, all.length, { failure: NO_ROW });
}

/** Returns the outputs that were not read, as far as the counts tell. */
export function outputsElsewhere(batch: StoredBatch): readonly JobOutput[] {
  const { counts, results = 'an unknown place' } = batch;
  const { succeeded, failed, left } = counts ?? { succeeded: 1, failed: 0, left: undefined };
  return [
    ...repeat(succeeded, { elsewhere: results }),
    ...repeat(failed, { failure: `The row failed; ${results} may say why.` }),
    ...missing(batch, left, succeeded + failed),
  ];
}

/** Returns the outputs without a row: at least one for a batch that did not succeed, or that has no rows. */
function missing({ phase, message }: StoredBatch, counted: number | undefined, rows: number): readonly JobOutput[] {
  const count = Math.max(counted ?? (phase === 'succeeded' ? 0 : 1), rows === 0 ? 1 : 0);
  return repeat(count, phase === 'cancelled' ? { cancelled: true } : { failure: message ?? NO_ROW });
}

function repeat(count: number, output: JobOutput): readonly JobOutput[] {
  return Array.from({ length: count }, () => output);
}

/** Vertex writes rows as they are done. They can be put in order if the caller gave each a number as its `key`. */
function inOrder(rows: readonly ResultRow[]): readonly ResultRow[] {
  const areNumbered = rows.every((row) => Number.isSafeInteger(keyOf(row)));
  return areNumbered ? rows.toSorted((one, other) => keyOf(one) - keyOf(other)) : rows;
}

function keyOf(row: ResultRow): number {
  const key = row?.['key'];
  if (typeof key === 'string' && /^\d+$/.test(key)) return Number(key);
  return typeof key === 'number' ? key : Number.NaN;
}

function outputsOfRow(row: ResultRow): Outputs {
  if (row === undefined) return [{ failure: 'The row of the results is not a JSON object.' }];
  const { status, response, error } = row;
  if (isCancelled(error)) return [{ cancelled: true }];
  const failure = textIn(row, 'status');
  if (failure !== undefined) return [{ failure }];
  if (isObject(response) && Object.keys(response).length > 0) return outputsOf(response);
  const message = textIn(status, 'message') ?? textIn(error, 'message');
  return [{ failure: message ?? 'The row of the results has no response.' }];
}

/** Reads the rows that a batch has written into a folder, in the order of the files and of the lines in them. */
export async function readRows(storage: CloudStorage, folder: string): Promise<readonly ResultRow[]> {
  const [, bucketName = '', path = ''] = /^gs:\/\/([^/]+)\/?(.*?)\/*$/.exec(folder) ?? [];
  const bucket = storage.bucket(bucketName);
  const [files] = await bucket.getFiles({ prefix: `${path === '' ? '' : `${path}/`}predictions` });
  const names = files.map(({ name }) => name).filter((name) => name.endsWith('.jsonl'));
  const rows: ResultRow[] = [];
  // One after another: each holds the images of many rows.
  for (const name of names.sort()) {
    const [content] = await bucket.file(name).download();
    // One by one: a call does not take as many arguments as a file may have lines.
    for (const row of rowsOf(content)) rows.push(row);
  }
  return rows;
}

/** Line by line: a file of images can be longer than a string may be. */
export function* rowsOf(content: Uint8Array): Generator<ResultRow> {
  const decoder = new TextDecoder();
  for (let start = 0; start < content.length;) {
    const newline = content.indexOf(NEWLINE, start);
    const end = newline === -1 ? content.length : newline;
    const line = decoder.decode(content.subarray(start, end)).trim();
    const row = parseJson(line);
    if (line !== '') yield isObject(row) ? row : undefined;
    start = end + 1;
  }
}
