import type { JobOutput, JobPhase, JobStatus } from '../port.js';
import { isJobName } from '../../api/job-name.js';
import { compact, isObject } from '../../util/json.js';
import { MalformedAnswerError, unusableName } from '../failures.js';
import { extrasOf, outputOf } from '../content.js';

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

/** Reads a batch of `count` images, or of as many as it has items if that is 0. A cancelled one reads SUCCEEDED if it had begun: its items tell what was made. */
export function parseBatch(answer: unknown, count: number): JobStatus {
  const { id, status, batch } = identify(answer);
  const items = itemsOf(batch['dest']);
  const reported = phaseOf(status);
  // Items that were finished are kept, whatever became of the batch.
  const isOver = reported === 'cancelled' || reported === 'failed';
  const phase = isOver && items.some((item) => isObject(item['response'])) ? 'succeeded' : reported;
  const outputs = phase === 'succeeded' ? outputsOf(items, count) : undefined;
  return compact({ id, status, phase, outputs, message: messageOf(batch['error']) });
}

/** Reads name and state of a batch. Throws a `MalformedAnswerError` if it is none. */
export function identify(answer: unknown): { id: string; status: string; batch: Record<string, unknown> } {
  if (!isObject(answer) || typeof answer['name'] !== 'string' || answer['name'] === '') {
    throw new MalformedAnswerError('The answer is not a batch: it has no name.');
  }
  const { name: id, state } = answer;
  if (!isJobName('batches', id)) throw unusableName('a batch', String(id));
  return { id, status: typeof state === 'string' && state !== '' ? state : UNSPECIFIED, batch: answer };
}

/** Reads the name from the server's own answer to a create, of which only a part may have arrived. */
export function keptBatch(body: unknown): JobStatus {
  const name = isObject(body) ? body['name'] : undefined;
  if (!isJobName('batches', name)) throw new MalformedAnswerError('The answer names no batch.');
  return { id: name, status: UNSPECIFIED, phase: 'queued' };
}

/** What a state of a batch means. */
export function phaseOf(state: string): JobPhase {
  return phases.get(state) ?? 'unknown';
}

/** Images beside those of the items come last. */
function outputsOf(items: readonly Record<string, unknown>[], count: number): readonly JobOutput[] {
  const own = Array.from({ length: count || Math.max(1, items.length) }, (_, index) => itemOutput(items[index]));
  return [...own, ...items.flatMap(({ response }) => (isObject(response) ? extrasOf(response) : []))];
}

function itemOutput(item: Record<string, unknown> | undefined): JobOutput {
  if (isObject(item?.['response'])) return outputOf(item['response']);
  const error = item?.['error'];
  if (isCancelled(error)) return { cancelled: true };
  return { failure: messageOf(error) ?? 'The batch ended without an answer for this image.' };
}

/** Whether an item has an error because a cancel kept it from being made. */
export function isCancelled(error: unknown): boolean {
  return isObject(error) && error['code'] === CANCELLED;
}

function itemsOf(dest: unknown): readonly Record<string, unknown>[] {
  const items = isObject(dest) ? dest['inlinedResponses'] : undefined;
  return Array.isArray(items) ? items.map((item) => (isObject(item) ? item : {})) : [];
}

/** The message of a `google.rpc.Status`. */
export function messageOf(error: unknown): string | undefined {
  return isObject(error) && typeof error['message'] === 'string' ? error['message'] : undefined;
}
