import type { Job } from './job.js';
import type { JsonObject } from './json.js';

/** Tokens of one image of each size, near what Google's price list says of its image models. */
const IMAGE_TOKENS: Readonly<Record<string, number>> = { '512': 747, '1K': 1120, '2K': 1680, '4K': 2520 };
/** Tokens of the thoughts about one image, as recorded. */
const THOUGHT_TOKENS = 224;
const REFUSAL_TEXT = "I can't create that image, but I can help with another idea.";

/** Makes the `Interaction` resource of a job, as answers other than that to GET have it. */
export function interactionResource(job: Job, steps: JsonObject[] = outputSteps(job)): JsonObject {
  const { id, model, isAgent, isStored, serviceTier } = job.spec;
  return {
    id: isStored === false ? undefined : id,
    status: job.record.status,
    usage: usageOf(job),
    created: timestamp(job.record.createdAt),
    updated: timestamp(job.updatedAt),
    service_tier: serviceTier,
    steps: steps.length > 0 ? steps : undefined,
    errors: job.record.endReason === 'failed' ? [failureOf(job, 'api_error')] : undefined,
    object: 'interaction',
    [isAgent === true ? 'agent' : 'model']: model,
  };
}

/** Makes the resource as GET answers it: its steps begin with the input. */
export function storedInteraction(job: Job): JsonObject {
  const { input: content = [], previous } = job.spec;
  const steps = [{ type: 'user_input', content }, ...outputSteps(job)];
  return { ...interactionResource(job, steps), previous_interaction_id: previous };
}

type Step = JsonObject & { readonly content?: readonly JsonObject[] };

/** Makes the steps of the model: a thought, and the image or the words of a refusal; none before the end. */
function outputSteps(job: Job): Step[] {
  const content = contentOf(job);
  if (content === undefined) return [];
  return [
    { signature: job.signature, type: 'thought' },
    { content: [content], type: 'model_output' },
  ];
}

/** The image, or the words of a refusal, as content; the delta of a stream has the same shape. */
function contentOf(job: Job): JsonObject | undefined {
  if (job.record.endReason === 'refused') return { text: refusalOf(job), type: 'text' };
  const { image } = job;
  if (image === undefined) return undefined;
  const uri = `${job.spec.origin}/v1beta/files/${job.spec.id ?? ''}:download?alt=media`;
  const payload = job.spec.asUri === true ? { uri } : { data: image.base64 };
  return { mime_type: image.mimeType, ...payload, type: 'image' };
}

export const refusalOf = ({ outcome }: Job): string =>
  (outcome?.kind === 'refuse' ? outcome.text : undefined) ?? REFUSAL_TEXT;

export function failureOf({ outcome }: Pick<Job, 'outcome'>, usualCode: string): { code: string; message: string } {
  const { code = usualCode, message = 'Internal error encountered.' } = outcome?.kind === 'fail' ? outcome : {};
  return { code, message };
}

function usageOf(job: Job): JsonObject | undefined {
  const { endReason } = job.record;
  if (endReason === undefined || (endReason === 'cancelled' && !job.context.settings.usageWhenCancelled))
    return undefined;
  const modality = endReason === 'refused' ? 'text' : 'image';
  const { input, output, thoughts, total } = tokensOf(job, true);
  return {
    total_tokens: total,
    total_input_tokens: input,
    input_tokens_by_modality: [{ modality: 'text', tokens: input }],
    total_cached_tokens: 0,
    total_output_tokens: output,
    output_tokens_by_modality: output === 0 ? [] : [{ modality, tokens: output }],
    total_tool_use_tokens: 0,
    total_thought_tokens: thoughts,
  };
}

function tokensOf(job: Job, isThoughtfulRefusal: boolean): Record<'input' | 'output' | 'thoughts' | 'total', number> {
  const { prompt, imageSize = '1K' } = job.spec.image;
  const input = Math.max(1, Math.ceil(prompt.length / 4));
  const words = job.record.endReason === 'refused' ? Math.ceil(refusalOf(job).length / 4) : 0;
  const output = job.image === undefined ? words : (IMAGE_TOKENS[imageSize] ?? 1120);
  const thoughts = job.image !== undefined || (isThoughtfulRefusal && words > 0) ? THOUGHT_TOKENS : 0;
  return { input, output, thoughts, total: input + output + thoughts };
}

/** `YYYY-MM-DDThh:mm:ssZ`: no milliseconds, as Google has it. */
const timestamp = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

type UnnamedEvent = JsonObject & { readonly event_type: string };
/** An event of an interaction's stream. Its `event_id` is opaque; as `last_event_id` it resumes the stream behind it. */
export type InteractionEvent = UnnamedEvent & { readonly event_id: string };

/** All events of a job up to now. They follow from its history: every stream of it sees the same ones and ids. */
export function interactionEvents(job: Job): InteractionEvent[] {
  const { id, model, isAgent, isStored } = job.spec;
  const [status] = job.history;
  const updates = job.history.slice(status === 'queued' ? 1 : 0, job.ended ? -1 : undefined);
  const interaction_id = isStored === false ? '' : id;
  const named = { [isAgent === true ? 'agent' : 'model']: model };
  const created = { id: interaction_id, status, object: 'interaction', ...named };
  const events: UnnamedEvent[] = [
    { interaction: created, event_type: 'interaction.created' },
    ...updates.map((update) => ({ interaction_id, status: update, event_type: 'interaction.status_update' })),
    ...(job.ended ? [...outputSteps(job).flatMap(stepEvents), completedEvent(job)] : []),
  ];
  return events.map((event, i) => ({ ...event, event_id: btoa(`${id?.slice(0, 11) ?? ''}/${i}`) }));
}

/** Makes the events of a step. The whole signature is one delta, and so is the whole image. */
const stepEvents = ({ type, signature, content }: Step, index: number): UnnamedEvent[] => [
  { index, step: { type }, event_type: 'step.start' },
  { index, delta: content?.[0] ?? { signature, type: 'thought_signature' }, event_type: 'step.delta' },
  { index, event_type: 'step.stop' },
];

function completedEvent(job: Job): UnnamedEvent {
  const { completedEventHasSteps } = job.context.settings;
  const { id = '', ...resource } = interactionResource(job, completedEventHasSteps ? undefined : []);
  return { interaction: { id, ...resource }, event_type: 'interaction.completed' };
}

/** Makes the GenerateContentResponse of a job: its image inline, or the words of a refusal. */
export const contentResponse = (job: Job): JsonObject =>
  responseOf(job, { content: modelContent(job), finishReason: finishReason(job), index: 0 });

/** Makes the same response in the two pieces of a stream: the content, and the end. */
export const contentChunks = (job: Job): JsonObject[] => [
  responseOf(job, { content: modelContent(job), index: 0 }),
  responseOf(job, { content: { parts: [{ text: '' }], role: 'model' }, finishReason: finishReason(job), index: 0 }),
];

/** A refusal without words has no parts at all. */
function modelContent(job: Job): JsonObject {
  const { image } = job;
  const text = refusalOf(job);
  if (image === undefined && text === '') return {};
  const inlineData = image && { mimeType: image.mimeType, data: image.base64 };
  return { parts: [inlineData ? { inlineData, thoughtSignature: job.signature } : { text }], role: 'model' };
}

const finishReason = ({ image }: Job): string => (image === undefined ? 'NO_IMAGE' : 'STOP');

function responseOf(job: Job, candidate: JsonObject): JsonObject {
  const { input, output, thoughts, total } = tokensOf(job, false);
  const outputDetails = [{ modality: job.image ? 'IMAGE' : 'TEXT', tokenCount: output }];
  const usageMetadata = {
    promptTokenCount: input,
    candidatesTokenCount: output || undefined,
    totalTokenCount: total,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: input }],
    candidatesTokensDetails: output === 0 ? undefined : outputDetails,
    thoughtsTokenCount: thoughts || undefined,
    serviceTier: 'standard',
  };
  const responseId = `response-${job.record.index}`;
  return { candidates: [candidate], usageMetadata, modelVersion: job.spec.model, responseId };
}
