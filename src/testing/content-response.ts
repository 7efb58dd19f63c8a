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
  const part = inlineData ? { inlineData, thoughtSignature: job.signature } : { text };
  return { parts: [part], role: 'model' };
}

const finishReason = ({ image }: Job): string => (image === undefined ? 'NO_IMAGE' : 'STOP');

function metadataOf(job: Job): JsonObject {
  const input = promptTokens(job);
  const output = outputTokens(job);
  const thoughts = job.image === undefined ? 0 : THOUGHT_TOKENS;
  return {
    usageMetadata: {
      promptTokenCount: input,
      ...(output > 0 && { candidatesTokenCount: output }),
      totalTokenCount: input + output + thoughts,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: input }],
      ...(output > 0 && { candidatesTokensDetails: [{ modality: job.image ? 'IMAGE' : 'TEXT', tokenCount: output }] }),
      ...(thoughts > 0 && { thoughtsTokenCount: thoughts }),
      serviceTier: 'standard',
    },
    modelVersion: job.spec.model,
    responseId: `response-${job.record.index}`,
  };
}
