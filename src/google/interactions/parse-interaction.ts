import type { Image } from '../../api/images.js';
import type { Usage } from '../../api/report.js';
import type { JobOutput, JobPhase, JobStatus } from '../port.js';
import { isJobName } from '../../api/job-name.js';
import { compact, isObject, objectsIn, textIn } from '../../util/json.js';
import { imageIn, NO_REASON, usageOf } from '../content.js';
import { MalformedAnswerError, unusableName } from '../failures.js';

/**
 * The documented statuses of an interaction. The set is open: one that is missing here is `unknown`, which the library goes on watching.
 * @see https://ai.google.dev/api/interactions-api
 */
const phases: ReadonlyMap<string, JobPhase> = new Map([
  ['queued', 'queued'],
  ['in_progress', 'running'],
  ['completed', 'succeeded'],
  ['failed', 'failed'],
  ['incomplete', 'failed'],
  ['budget_exceeded', 'failed'],
  ['cancelled', 'cancelled'],
  ['requires_action', 'stopped'],
  ['requires_continuation', 'stopped'],
]);

export function phaseOf(status: string): JobPhase {
  return phases.get(status) ?? 'unknown';
}

/** Reads a whole interaction, as `get` answers it. Throws `MalformedAnswerError` if it is none. */
export function parseInteraction(answer: unknown): JobStatus {
  const { id, interaction } = identify(answer);
  if (typeof interaction['status'] !== 'string') {
    throw new MalformedAnswerError('The answer is not an interaction: it has no status.');
  }
  return toJobStatus(id, interaction['status'], interaction, true);
}

/** Reads the answer to a create: its id is the only name of a job that costs money. An image without a name has been made. */
export function parseCreatedInteraction(answer: unknown): JobStatus {
  if (isObject(answer) && !hasName(answer) && imagesOf(answer['steps']).length > 0)
    return toJobStatus('', 'completed', answer, true);
  const { id, interaction } = identify(answer);
  const { status } = interaction;
  return toJobStatus(id, typeof status === 'string' ? status : 'unspecified', interaction, true);
}

function hasName(answer: unknown): boolean {
  return isJobName('interactions', `interactions/${textIn(answer, 'id') ?? ''}`);
}

function identify(answer: unknown): { id: string; interaction: Record<string, unknown> } {
  const id = textIn(answer, 'id');
  if (!isObject(answer) || id === undefined)
    throw new MalformedAnswerError('The answer is not an interaction: it has no id.');
  if (!hasName(answer)) throw unusableName('an interaction', id);
  return { id, interaction: answer };
}

/** Reads an interaction, or the part of it in a stream event. Only a `whole` one without an image is a refusal. */
export function toJobStatus(id: string, status: string, resource: Record<string, unknown>, whole: boolean): JobStatus {
  const images = imagesOf(resource['steps']);
  // An interaction that ran into a limit after it had made its image has made it.
  const phase = status === 'incomplete' && images.length > 0 ? 'succeeded' : phaseOf(status);
  const outputs = phase === 'succeeded' ? outputsOf(images, resource['steps'], whole) : undefined;
  const message = messageOf(resource['errors']);
  const usage = parseUsage(resource['usage']);
  return compact({ id, status, phase, outputs, message, usage });
}

function outputsOf(images: readonly Image[], steps: unknown, whole: boolean): readonly JobOutput[] | undefined {
  // Each image has been paid for.
  if (images.length > 0) return images.map((image) => ({ image }));
  return whole ? [{ refusal: textOf(steps) || NO_REASON }] : undefined;
}

function imagesOf(steps: unknown): readonly Image[] {
  return contentsOf(steps).flatMap((content) => parseImage(content) ?? []);
}

export function parseImage(content: unknown): Image | undefined {
  return textIn(content, 'type') === 'image' ? imageIn(content, 'data', 'uri', 'mime_type') : undefined;
}

function textOf(steps: unknown): string {
  const texts = contentsOf(steps).filter(({ type }) => type === 'text');
  return texts
    .map((content) => textIn(content, 'text') ?? '')
    .join('')
    .trim();
}

function contentsOf(steps: unknown): Record<string, unknown>[] {
  const outputs = objectsIn(steps).filter(({ type }) => type === 'model_output');
  return outputs.flatMap(({ content }) => objectsIn(content));
}

function messageOf(errors: unknown): string | undefined {
  const messages = objectsIn(errors).flatMap((error) => textIn(error, 'message') ?? []);
  return messages.length === 0 ? undefined : messages.join(' ');
}

function parseUsage(usage: unknown): Usage | undefined {
  if (!isObject(usage)) return undefined;
  const image = objectsIn(usage['output_tokens_by_modality']).find(
    (entry) => textIn(entry, 'modality')?.toLowerCase() === 'image' && typeof entry['tokens'] === 'number',
  );
  return usageOf({
    totalInputTokens: usage['total_input_tokens'],
    totalOutputTokens: usage['total_output_tokens'],
    totalTokens: usage['total_tokens'],
    outputImageTokens: image?.['tokens'],
  });
}
