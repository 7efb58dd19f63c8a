import type { Job } from './job.js';
import type { JsonObject } from './json.js';

/** Tokens of one image of each size, near what Google's price list says of its image models. */
const IMAGE_TOKENS: Readonly<Record<string, number>> = { '512': 747, '1K': 1120, '2K': 1680, '4K': 2520 };
const REFUSAL_TEXT = "I can't create that image, but I can help with another idea.";

export interface ResourceOptions {
  /** @default true */
  steps?: boolean;
  usageWhenCancelled?: boolean;
}

/** The `Interaction` resource of a job, as GET answers it. */
export function interactionResource(job: Job, options: ResourceOptions = {}): JsonObject {
  const steps = options.steps === false ? [] : stepsOf(job);
  const usage = usageOf(job, options.usageWhenCancelled === true);
  return {
    id: job.spec.id,
    object: 'interaction',
    [job.spec.agent === true ? 'agent' : 'model']: job.spec.model,
    status: job.record.status,
    created: timestamp(job.record.createdAt),
    updated: timestamp(job.history.at(-1)?.at ?? job.record.createdAt),
    ...(steps.length > 0 && { steps }),
    ...(usage && { usage }),
    ...(job.record.endReason === 'failed' && { errors: [failureOf(job)] }),
  };
}

/** What the model said: one step with the image, or with the words of a refusal; none before the end. */
export function stepsOf(job: Job): JsonObject[] {
  const content = contentOf(job);
  return content === undefined ? [] : [{ type: 'model_output', content: [content] }];
}

/** The image, or the words of a refusal, as content; the delta of a stream has the same shape. */
export function contentOf(job: Job): JsonObject | undefined {
  if (job.record.endReason === 'refused') return { type: 'text', text: refusalOf(job) };
  const { image } = job;
  if (image === undefined) return undefined;
  const payload = job.asUri ? { uri: uriOf(job) } : { data: image.base64 };
  return { type: 'image', mime_type: image.mimeType, ...payload };
}

export function refusalOf({ outcome }: Job): string {
  return (outcome?.kind === 'refuse' ? outcome.text : undefined) ?? REFUSAL_TEXT;
}

/** Why a failed job failed. */
export function failureOf({ outcome }: Pick<Job, 'outcome'>): { code: string; message: string } {
  const { code = 'internal', message = 'Internal error encountered.' } = outcome?.kind === 'fail' ? outcome : {};
  return { code, message };
}

/** Tokens in and out; undefined while nothing is known. */
export function usageOf(job: Job, whenCancelled: boolean): JsonObject | undefined {
  const { endReason } = job.record;
  if (endReason === undefined || (endReason === 'cancelled' && !whenCancelled)) return undefined;
  const input = promptTokens(job);
  const modality = endReason === 'refused' ? 'text' : 'image';
  const output = outputTokens(job);
  return {
    total_input_tokens: input,
    input_tokens_by_modality: [{ modality: 'text', tokens: input }],
    total_output_tokens: output,
    output_tokens_by_modality: output === 0 ? [] : [{ modality, tokens: output }],
    total_tokens: input + output,
  };
}

export const promptTokens = (job: Job): number => Math.max(1, Math.ceil(job.spec.image.prompt.length / 4));

export function outputTokens(job: Job): number {
  if (job.record.endReason === 'refused') return Math.ceil(refusalOf(job).length / 4);
  return job.image === undefined ? 0 : (IMAGE_TOKENS[job.spec.image.imageSize ?? '1K'] ?? 1120);
}

const uriOf = ({ spec }: Job): string => `${spec.origin}/v1beta/files/${spec.id ?? ''}:download?alt=media`;

/** `YYYY-MM-DDThh:mm:ssZ`: no milliseconds, as Google has it. */
const timestamp = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;
