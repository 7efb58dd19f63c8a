import type { Image } from '../../api/images.js';
import type { JobOutput, JobPhase, JobStatus } from '../port.js';
import { isJobName } from '../../api/job-name.js';
import { compact, isObject, objectsIn, textIn } from '../../util/json.js';
import { imageIn, NO_REASON, usageIn } from '../content.js';
import { MalformedAnswerError, nameIn } from '../failures.js';

/**
 * The documented statuses of an interaction. The set is open: a status that is missing here is `unknown`.
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

const COUNTS = ['total_input_tokens', 'total_output_tokens', 'total_tokens'];

export function phaseOf(status: string): JobPhase {
  return phases.get(status) ?? 'unknown';
}

export function parseInteraction(answer: unknown): JobStatus {
  const { id, interaction } = identify(answer);
  if (typeof interaction['status'] !== 'string') {
    throw new MalformedAnswerError('The answer is not an interaction: it has no status.');
  }
  return toJobStatus(id, interaction['status'], interaction, true);
}

/** Reads the answer to a create: its id is the only name of a job that costs money. An image without a name has been made. */
export function parseCreatedInteraction(answer: unknown): JobStatus {
  if (isObject(answer) && !isId(textIn(answer, 'id') ?? '') && imagesOf(answer['steps']).length > 0)
    return toJobStatus('', 'completed', answer, true);
  const { id, interaction } = identify(answer);
  const { status } = interaction;
  return toJobStatus(id, typeof status === 'string' ? status : 'unspecified', interaction, true);
}

export const isId = (id: string): boolean => isJobName('interactions', `interactions/${id}`);

function identify(answer: unknown): { id: string; interaction: Record<string, unknown> } {
  const interaction = isObject(answer) ? answer : {};
  return { id: nameIn(interaction, 'id', 'an interaction', isId), interaction };
}

/** Reads an interaction, or the part of it in a stream event. Only a `whole` one without an image is a refusal. */
export function toJobStatus(id: string, status: string, resource: Record<string, unknown>, whole: boolean): JobStatus {
  const images = imagesOf(resource['steps']);
  // An interaction that ran into a limit after it had made its image has made it.
  const phase = status === 'incomplete' && images.length > 0 ? 'succeeded' : phaseOf(status);
  const outputs = phase === 'succeeded' ? outputsOf(images, resource['steps'], whole) : undefined;
  const messages = objectsIn(resource['errors']).flatMap((error) => textIn(error, 'message') ?? []);
  const usage = usageIn(resource['usage'], COUNTS, 'output_tokens_by_modality', 'tokens');
  return compact({ id, status, phase, outputs, message: messages.join(' ') || undefined, usage });
}

function outputsOf(images: readonly Image[], steps: unknown, whole: boolean): readonly JobOutput[] | undefined {
  // Each image has been paid for.
  if (images.length > 0) return images.map((image) => ({ image }));
  if (!whole) return undefined;
  const texts = contentsOf(steps).filter(({ type }) => type === 'text');
  const refusal = texts.map((content) => textIn(content, 'text') ?? '').join('');
  return [{ refusal: refusal.trim() || NO_REASON }];
}

function imagesOf(steps: unknown): readonly Image[] {
  return contentsOf(steps).flatMap((content) => parseImage(content) ?? []);
}

export function parseImage(content: unknown): Image | undefined {
  return textIn(content, 'type') === 'image' ? imageIn(content, 'data', 'uri', 'mime_type') : undefined;
}

function contentsOf(steps: unknown): Record<string, unknown>[] {
  const outputs = objectsIn(steps).filter(({ type }) => type === 'model_output');
  return outputs.flatMap(({ content }) => objectsIn(content));
}
