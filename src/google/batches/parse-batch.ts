import type { JobPhase, JobStatus } from '../port.js';
import { isJobName } from '../../api/job-name.js';
import { compact, isObject, textIn } from '../../util/json.js';
import { MalformedAnswerError, nameIn } from '../failures.js';
import { inPlaces, outputsOf, type Outputs } from '../content.js';

/** The states of a batch as the SDK gives them for both hosts. Any other one is `unknown`. */
const phases: ReadonlyMap<string, JobPhase> = new Map([
  ['JOB_STATE_QUEUED', 'queued'],
  ['JOB_STATE_PENDING', 'queued'],
  ['JOB_STATE_RUNNING', 'running'],
  ['JOB_STATE_UPDATING', 'running'],
  ['JOB_STATE_CANCELLING', 'running'],
  ['JOB_STATE_SUCCEEDED', 'succeeded'],
  ['JOB_STATE_PARTIALLY_SUCCEEDED', 'succeeded'],
  ['JOB_STATE_FAILED', 'failed'],
  ['JOB_STATE_EXPIRED', 'failed'],
  ['JOB_STATE_CANCELLED', 'cancelled'],
]);

const UNSPECIFIED = 'JOB_STATE_UNSPECIFIED';
const NO_ANSWER = 'The batch ended without an answer for this image.';
/** `google.rpc.Code.CANCELLED`, the code of items that a cancel kept from being made. */
const CANCELLED = 1;
/** More than a batch can have (Google's limit is 200,000): a server that tells of more has not counted. */
const MAX_ROWS = 1_000_000;
/** Longer than names in Cloud Storage and BigQuery can be. It is repeated in every report. */
const MAX_ADDRESS = 2_048;

/** Reads a batch of `count` images, or of as many as it has items if that is 0. Once begun, a cancelled one reads SUCCEEDED. */
export function parseBatch(answer: unknown, count: number): JobStatus {
  const { id, status, batch, message } = identify(answer);
  const items = itemsOf(batch['dest']);
  const places = count || Math.max(1, items.length);
  const reported = phaseOf(status);
  // Items that were finished are kept, whatever became of the batch.
  const isOver = reported === 'cancelled' || reported === 'failed';
  const phase = isOver && items.some((item) => isObject(item['response'])) ? 'succeeded' : reported;
  const outputs =
    phase === 'succeeded' ? inPlaces(items.map(outputsOfItem), places, { failure: NO_ANSWER }) : undefined;
  return compact({ id, status, phase, outputs, message });
}

function identify(answer: unknown): Pick<JobStatus, 'id' | 'status' | 'message'> & { batch: Record<string, unknown> } {
  const batch = isObject(answer) ? answer : {};
  const id = nameIn(batch, 'name', 'a batch', (name) => isJobName('batches', name));
  const status = textIn(batch, 'state') ?? UNSPECIFIED;
  return { ...compact({ id, status, message: textIn(batch['error'], 'message') }), batch };
}

/** Reads the name from the server's own answer to a create, of which only a part may have arrived. */
export function keptBatch(body: unknown): JobStatus {
  const name = textIn(body, 'name');
  if (!isJobName('batches', name)) throw new MalformedAnswerError('The answer names no batch.');
  return { id: name, status: UNSPECIFIED, phase: 'queued' };
}

export function phaseOf(state: string): JobPhase {
  return phases.get(state) ?? 'unknown';
}

function outputsOfItem({ response, error }: Record<string, unknown>): Outputs {
  if (isObject(response)) return outputsOf(response);
  if (isCancelled(error)) return [{ cancelled: true }];
  return [{ failure: textIn(error, 'message') ?? NO_ANSWER }];
}

export function isCancelled(error: unknown): boolean {
  return isObject(error) && error['code'] === CANCELLED;
}

function itemsOf(dest: unknown): readonly Record<string, unknown>[] {
  const items = isObject(dest) ? dest['inlinedResponses'] : undefined;
  return Array.isArray(items) ? items.map((item) => (isObject(item) ? item : {})) : [];
}

type RowCounts = Readonly<Record<'succeeded' | 'failed' | 'left', number>>;

/** A batch with results in another place, as far as its own resource tells: `results` is their address. */
export type StoredBatch = ReturnType<typeof parseVertexBatch>;

export function parseVertexBatch(answer: unknown) {
  const { id, status, batch, message } = identify(answer);
  const { outputInfo, dest, completionStats } = batch;
  const folder = addressIn(outputInfo, 'gcsOutputDirectory');
  const written = folder ?? tableOf(outputInfo);
  const results = written ?? addressIn(dest, 'gcsUri') ?? addressIn(dest, 'bigqueryUri');
  return {
    ...compact({ id, status, phase: phaseOf(status), message, results }),
    counts: countsOf(completionStats),
    // The folder in Cloud Storage, or the file, with its results.
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

export function commonStatusOf({ id, status, phase, message, counts, results }: StoredBatch): JobStatus {
  const progress = counts && { completed: counts.succeeded, total: totalOf(counts) };
  return compact({ id, status, phase, message, results, progress });
}

export function totalOf({ succeeded, failed, left }: RowCounts): number {
  return succeeded + failed + left;
}

/** 64-bit numbers come as strings, and those that are 0 not at all. Before the server has counted, there are none, or -1. */
function countsOf(stats: unknown): RowCounts | undefined {
  if (!isObject(stats)) return undefined;
  const succeeded = countOf(stats['successfulCount']);
  const failed = countOf(stats['failedCount']);
  const left = countOf(stats['incompleteCount']);
  // A sum with a count that is no number is not a number.
  return succeeded + failed + left <= MAX_ROWS ? { succeeded, failed, left } : undefined;
}

function countOf(value: unknown): number {
  const count = typeof value === 'string' ? Number(value) : (value ?? 0);
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : Number.NaN;
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
