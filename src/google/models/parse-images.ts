import type { JobOutput, JobStatus } from '../port.js';
import { isObject, objectsIn } from '../../util/json.js';
import { MalformedAnswerError } from '../failures.js';

/**
 * Reads the answer of `ai.models.generateImages()` for `count` images. Those that were refused are missing from it, or,
 * where their reason was asked for, are entries without an image.
 */
export function parseImages(answer: unknown, count: number): JobStatus {
  if (!isObject(answer) || !Array.isArray(answer['generatedImages']))
    throw new MalformedAnswerError('The answer is not a GenerateImagesResponse.');
  const entries = objectsIn(answer['generatedImages']);
  const outputs = Array.from({ length: count }, (_, position) => outputOf(entries[position]));
  return { id: '', status: 'completed', phase: 'succeeded', outputs };
}

function outputOf(entry: Record<string, unknown> | undefined): JobOutput {
  const image = entry?.['image'];
  if (isObject(image)) {
    const { imageBytes, gcsUri, mimeType } = image;
    const type = typeof mimeType === 'string' ? { mimeType } : {};
    if (typeof imageBytes === 'string' && imageBytes !== '') return { image: { imageBytes, ...type } };
    if (typeof gcsUri === 'string' && gcsUri !== '') return { image: { gcsUri, ...type } };
  }
  const reason = entry?.['raiFilteredReason'];
  return {
    refusal: typeof reason === 'string' && reason !== '' ? reason : 'The image was filtered, without a reason.',
  };
}
