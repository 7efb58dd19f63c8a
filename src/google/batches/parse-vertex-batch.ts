import type { JobStatus } from '../port.js';
import { compact, isObject, textIn } from '../../util/json.js';
import { identify, phaseOf } from './parse-batch.js';

/** More than a batch can have (Google's limit is 200,000); there is an entry for each row, and so what counts more has not counted. */
const MAX_ROWS = 1_000_000;

/** Longer than names in Cloud Storage and BigQuery can be. It is repeated in every report. */
const MAX_ADDRESS = 2_048;

/** How many rows there are, by what became of them. */
export interface RowCounts {
  readonly succeeded: number;
  readonly failed: number;
  readonly left: number;
}

/** A batch whose results are stored elsewhere, as far as its own resource tells. `results` says where they are, or will be. */
export interface StoredBatch extends Pick<JobStatus, 'id' | 'status' | 'phase' | 'message' | 'results'> {
  /** `undefined` as long as the server has not counted. */
  readonly counts: RowCounts | undefined;
  /** The folder in Cloud Storage, or the file, that its results were written to. */
  readonly folder: string | undefined;
  /** Whether results were written at all. */
  readonly isWritten: boolean;
}

/** Reads a `BatchJob` of the SDK that came from Vertex. */
export function parseVertexBatch(answer: unknown): StoredBatch {
  const { id, status, batch } = identify(answer);
  const { outputInfo, dest, error, completionStats } = batch;
  const folder = addressIn(outputInfo, 'gcsOutputDirectory');
  const written = folder ?? tableOf(outputInfo);
  const results = written ?? addressIn(dest, 'gcsUri') ?? addressIn(dest, 'bigqueryUri');
  return {
    ...compact({ id, status, phase: phaseOf(status), message: textIn(error, 'message'), results }),
    counts: countsOf(completionStats),
    folder,
    isWritten: written !== undefined,
  };
}

/** Reads a batch of the Gemini API that has put its results into a file; `undefined` for any other one. */
export function parseFileBatch(answer: unknown): StoredBatch | undefined {
  const file = isObject(answer) ? textIn(answer['dest'], 'fileName') : undefined;
  if (file === undefined || !/^files\/[\w-]+$/.test(file)) return undefined;
  return { ...parseVertexBatch(answer), folder: file, isWritten: true, results: file };
}

/** Returns the status without what the batch has made. */
export function commonStatusOf({ id, status, phase, message, counts, results }: StoredBatch): JobStatus {
  const progress = counts && { completed: counts.succeeded, total: totalOf(counts) };
  return compact({ id, status, phase, message, results, progress });
}

export function totalOf({ succeeded, failed, left }: RowCounts): number {
  return succeeded + failed + left;
}

/** 64-bit numbers come as strings, and those that are 0 not at all. -1 stands for a number that nobody knows. */
function countsOf(stats: unknown): RowCounts | undefined {
  if (!isObject(stats)) return undefined;
  const { successfulCount, failedCount, incompleteCount } = stats;
  const [succeeded, failed, left] = [successfulCount, failedCount, incompleteCount].map(countOf);
  if (succeeded === undefined || failed === undefined || left === undefined) return undefined;
  return succeeded + failed + left > MAX_ROWS ? undefined : { succeeded, failed, left };
}

function countOf(value: unknown): number | undefined {
  const count = typeof value === 'string' ? Number(value) : (value ?? 0);
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}

/** The resource has the dataset and the table apart; the SDK's type knows the table only. */
function tableOf(outputInfo: unknown): string | undefined {
  const dataset = addressIn(outputInfo, 'bigqueryOutputDataset');
  const table = addressIn(outputInfo, 'bigqueryOutputTable');
  return dataset === undefined || table === undefined ? undefined : `${dataset}.${table}`;
}

function addressIn(value: unknown, name: string): string | undefined {
  const address = textIn(value, name);
  return address === undefined || address.length > MAX_ADDRESS ? undefined : address;
}
