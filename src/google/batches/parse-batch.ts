import type { JobOutput, JobPhase, JobStatus } from '../port.js';
import { isJobName } from '../../api/job-name.js';
import { compact, isObject, textIn } from '../../util/json.js';
import { MalformedAnswerError, unusableName } from '../failures.js';
import { outputsOf } from '../content.js';

/** The states of a batch as the SDK gives them for both hosts. One that is missing here is `unknown`, which is watched on. */
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

/** `google.rpc.Code.CANCELLED`: what the items have that a cancel kept from being made. */
const CANCELLED = 1;

const NO_ANSWER = 'The batch ended without an answer for this image.';

/** Reads a batch of `count` images, or of as many as it has items if that is 0. A cancelled one reads SUCCEEDED if it had begun: its items tell what was made. */
export function parseBatch(answer: unknown, count: number): JobStatus {
  const { id, status, batch } = identify(answer);
  const items = itemsOf(batch['dest']);
  const reported = phaseOf(status);
  // Items that were finished are kept, whatever became of the batch.
  const isOver = reported === 'cancelled' || reported === 'failed';
  const phase = isOver && items.some((item) => isObject(item['response'])) ? 'succeeded' : reported;
  const outputs = phase === 'succeeded' ? outputsOfItems(items, count) : undefined;
  return compact({ id, status, phase, outputs, message: textIn(batch['error'], 'message') });
}

/** Reads name and state of a batch. Throws a `MalformedAnswerError` if it is none. */
export function identify(answer: unknown): { id: string; status: string; batch: Record<string, unknown> } {
  const id = textIn(answer, 'name');
  if (!isObject(answer) || id === undefined)
    throw new MalformedAnswerError('The answer is not a batch: it has no name.');
  if (!isJobName('batches', id)) throw unusableName('a batch', id);
  return { id, status: textIn(answer, 'state') ?? UNSPECIFIED, batch: answer };
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

/** Images beside those of the items come last. */
function outputsOfItems(items: readonly Record<string, unknown>[], count: number): readonly JobOutput[] {
  const made = items.map(outputsOfItem);
  const length = count || Math.max(1, items.length);
  const own = Array.from({ length }, (_, index) => made[index]?.[0] ?? { failure: NO_ANSWER });
  return [...own, ...made.flatMap(([, ...extras]) => extras)];
}

function outputsOfItem({ response, error }: Record<string, unknown>): readonly [JobOutput, ...JobOutput[]] {
  if (isObject(response)) return outputsOf(response);
  if (isCancelled(error)) return [{ cancelled: true }];
  return [{ failure: textIn(error, 'message') ?? NO_ANSWER }];
}

/** Whether an item has an error because a cancel kept it from being made. */
export function isCancelled(error: unknown): boolean {
  return isObject(error) && error['code'] === CANCELLED;
}

function itemsOf(dest: unknown): readonly Record<string, unknown>[] {
  const items = isObject(dest) ? dest['inlinedResponses'] : undefined;
  return Array.isArray(items) ? items.map((item) => (isObject(item) ? item : {})) : [];
}
