import { outputTokens, promptTokens, refusalOf, THOUGHT_TOKENS } from './interaction-resource.js';
import type { Job } from './job.js';
import type { JsonObject } from './json.js';

/** Makes the GenerateContentResponse of a job: its image inline, or the words of a refusal. */
export function contentResponse(job: Job): JsonObject {
  return { candidates: [{ content: contentOf(job), finishReason: finishReason(job), index: 0 }], ...metadataOf(job) };
}

/** Makes the same response in the two pieces of a stream: the content, and the end. */
export function contentChunks(job: Job): JsonObject[] {
  const end = { content: { parts: [{ text: '' }], role: 'model' }, finishReason: finishReason(job), index: 0 };
  return [
    { candidates: [{ content: contentOf(job), index: 0 }], ...metadataOf(job) },
    { candidates: [end], ...metadataOf(job) },
  ];
}

/** A refusal without words has no parts at all. */
function contentOf(job: Job): JsonObject {
  const { image } = job;
  const text = refusalOf(job);
  if (image === undefined && text === '') return {};
  const inlineData = image && { mimeType: image.mimeType, data: image.base64 };
  return { parts: [inlineData ? { inlineData, thoughtSignature: job.signature } : { text }], role: 'model' };
}

const finishReason = ({ image }: Job): string => (image === undefined ? 'NO_IMAGE' : 'STOP');

function metadataOf(job: Job): JsonObject {
  const input = promptTokens(job);
  const output = outputTokens(job);
  const thoughts = job.image === undefined ? 0 : THOUGHT_TOKENS;
  const outputDetails = [{ modality: job.image ? 'IMAGE' : 'TEXT', tokenCount: output }];
  const usageMetadata = {
    promptTokenCount: input,
    candidatesTokenCount: output || undefined,
    totalTokenCount: input + output + thoughts,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: input }],
    candidatesTokensDetails: output === 0 ? undefined : outputDetails,
    thoughtsTokenCount: thoughts || undefined,
    serviceTier: 'standard',
  };
  return { usageMetadata, modelVersion: job.spec.model, responseId: `response-${job.record.index}` };
}
