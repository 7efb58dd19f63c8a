import { isImagen } from '../retired-models.js';
import type { ImageRequest } from '../parameters.js';
import type { FireAndForgetBackend, JobOutput, JobStatus } from '../port.js';
import { isObject, objectsIn, textIn } from '../../util/json.js';
import { BaseBackend } from '../base-backend.js';
import { MalformedAnswerError } from '../failures.js';
import { apiClientOf, type GenAIClient, type GenerateImagesRequest, type ModelRequestOptions } from '../sdk.js';
import { contentRequest, imageIn, inPlaces, keptContent, parseContent } from '../content.js';

const MAX_IMAGEN_SAMPLES = 4;

/** Fire and forget: one synchronous request without a name. There is nothing on the server that could be cancelled. */
export class ModelsBackend extends BaseBackend<ImageRequest> implements FireAndForgetBackend {
  readonly name = 'models';
  readonly cancelable = false;
  readonly #timeoutMs: number | undefined;

  /** `timeoutMs` is told to the server, which may stop by itself then. */
  constructor(client: GenAIClient, request: ImageRequest | string, timeoutMs?: number) {
    super(client, request);
    this.#timeoutMs = timeoutMs;
  }

  plan(indices: readonly number[]): readonly (readonly number[])[] {
    const size = isImagen(this.model) ? MAX_IMAGEN_SAMPLES : 1;
    const requests = Math.ceil(indices.length / size);
    return Array.from({ length: requests }, (_, position) => indices.slice(position * size, (position + 1) * size));
  }

  async run(indices: readonly number[], signal: AbortSignal): Promise<JobStatus> {
    const request = this.request;
    const { models } = this.client;
    const [index = 0] = indices;
    return this.failures.guardCreate(async (observer) => {
      const httpOptions = { ...observer.httpOptions(this.client), ...this.#deadline() };
      const options = { abortSignal: signal, httpOptions };
      if (!isImagen(this.model))
        return parseContent(await models.generateContent(contentRequest(request, index, options)));
      return parseImages(await models.generateImages(imagenRequest(request, indices, options)), indices.length);
    }, keptContent);
  }

  lostHint(): string {
    return 'It may have been carried out and be charged; what it made cannot be fetched.';
  }

  /** Sends the time as a header: the SDK's `timeout` would also close the connection, and lose the images with it. */
  #deadline(): { headers?: Record<string, string> } {
    if (this.#timeoutMs === undefined || apiClientOf(this.client)?.getTimeout?.() !== undefined) return {};
    return { headers: { 'X-Server-Timeout': String(Math.max(1, Math.ceil(this.#timeoutMs / 1000))) } };
  }
}

export function imagenRequest(
  { model, prompt, config }: ImageRequest,
  indices: readonly number[],
  options: ModelRequestOptions,
): GenerateImagesRequest {
  const given = config as GenerateImagesRequest['config'];
  const seed = config.seed === undefined ? {} : { seed: config.seed + (indices[0] ?? 0) };
  const numberOfImages = indices.length;
  return { model, prompt, config: { ...given, numberOfImages, includeRaiReason: true, ...seed, ...options } };
}

/** Reads an answer for `count` images. Those that were refused are missing, or are entries without an image. */
export function parseImages(answer: unknown, count: number): JobStatus {
  if (!isObject(answer) || !Array.isArray(answer['generatedImages']))
    throw new MalformedAnswerError('The answer is not a GenerateImagesResponse.');
  const made = objectsIn(answer['generatedImages']).map((entry): [JobOutput] => [outputOf(entry)]);
  return { id: '', status: 'completed', phase: 'succeeded', outputs: inPlaces(made, count, outputOf(undefined)) };
}

function outputOf(entry: Record<string, unknown> | undefined): JobOutput {
  const image = imageIn(entry?.['image'], 'imageBytes', 'gcsUri');
  if (image !== undefined) return { image };
  return { refusal: textIn(entry, 'raiFilteredReason') ?? 'The image was filtered, without a reason.' };
}
