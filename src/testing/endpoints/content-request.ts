import { parseJson } from '../../util/json.js';
import type { ItemSpec } from '../batch/batch-item.js';
import { ASPECT_RATIOS, IMAGE_SIZES, type ImageType } from '../image.js';
import type { JobSpec } from '../job.js';
import { numberAt, objectAt, stringAt, textOf, type JsonObject, isObject, isTooDeep } from '../json.js';
import { makesJpegs } from '../models.js';
import { notOneOf } from './create-request.js';

/** The image that a GenerateContentRequest asks for. */
export type ContentRequest = Pick<JobSpec, 'image' | 'seed'>;

/** Reads a GenerateContentRequest as Google would; a string is the message of a 400. */
export function parseContent(body: JsonObject, model: string): ContentRequest | string {
  const config = objectAt(body, 'generationConfig');
  const imageConfig = objectAt(config, 'imageConfig');
  const prompt = textOf(body['contents']);
  const wrong =
    (prompt === '' ? '* GenerateContentRequest.contents: contents is not specified' : undefined) ??
    notOneOf(imageConfig, 'aspectRatio', ASPECT_RATIOS) ??
    notOneOf(imageConfig, 'imageSize', IMAGE_SIZES);
  if (wrong !== undefined) return wrong;
  const image = {
    prompt,
    mimeType: mimeTypeOf(stringAt(objectAt(imageConfig, 'imageOutputOptions'), 'mimeType') ?? usualType(model)),
    aspectRatio: stringAt(imageConfig, 'aspectRatio'),
    imageSize: stringAt(imageConfig, 'imageSize'),
  };
  return { image, seed: numberAt(config, 'seed') };
}

const usualType = (model: string): ImageType => (makesJpegs(model) ? 'image/jpeg' : 'image/png');

/** PNG unless JPEG was asked for. */
export const mimeTypeOf = (asked: string | undefined): ImageType =>
  asked === 'image/jpeg' ? 'image/jpeg' : 'image/png';

/** The requests of a file, one JSON object a line. A line that cannot be read is a request that fails. */
export function rowsOf(text: string, model: string): ItemSpec[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => readRow(line, model));
}

function readRow(line: string, model: string): ItemSpec {
  const source = parseJson(line);
  if (source === undefined) return { source: {}, request: 'The row is not JSON.' };
  if (isTooDeep(source)) return { source: {}, request: 'The row is nested too deep.' };
  if (!isObject(source)) return { source: {}, request: 'The row has no request.' };
  const request = objectAt(source, 'request');
  return { source, request: request === undefined ? 'The row has no request.' : parseContent(request, model) };
}
