import { outputTokens, promptTokens, refusalOf } from './interaction-resource.js';
import type { Job } from './job.js';
import type { JsonObject } from './json.js';

/** The GenerateContentResponse of a job: its image inline, or the words of a refusal. */
export function contentResponse(job: Job): JsonObject {
  const { image } = job;
  const part = image ? { inlineData: { mimeType: image.mimeType, data: image.base64 } } : { text: refusalOf(job) };
  const input = promptTokens(job);
  const output = outputTokens(job);
  return {
    candidates: [{ content: { role: 'model', parts: [part] }, finishReason: image ? 'STOP' : 'NO_IMAGE', index: 0 }],
    usageMetadata: {
      promptTokenCount: input,
      candidatesTokenCount: output,
      totalTokenCount: input + output,
      candidatesTokensDetails: [{ modality: image ? 'IMAGE' : 'TEXT', tokenCount: output }],
    },
    modelVersion: job.spec.model,
    responseId: `response-${job.record.index}`,
  };
}
