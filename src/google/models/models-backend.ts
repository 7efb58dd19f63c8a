import { isImagen } from '../retired-models.js';
import type { ImageRequest } from '../parameters.js';
import type { FireAndForgetBackend, JobStatus } from '../port.js';
import { FailureReader } from '../failures.js';
import { apiClientOf, type GenAIClient, type ModelRequestOptions, type PaidHttpOptions } from '../sdk.js';
import { contentRequest, keptContent, parseContent } from '../content.js';
import { imagenRequest, MAX_IMAGEN_SAMPLES, parseImages } from './imagen.js';

/**
 * Fire and forget: `generateContent` of Gemini image models, `generateImages` of Imagen on Vertex. One synchronous request
 * without a name; there is nothing on the server that could be cancelled.
 */
export class ModelsBackend implements FireAndForgetBackend {
  readonly name = 'models';
  readonly cancelable = false;
  readonly model: string;
  readonly #client: GenAIClient;
  readonly #request: ImageRequest;
  readonly #timeoutMs: number | undefined;
  readonly #failures: FailureReader;

  /** `timeoutMs` is told to the server, which may stop by itself then. */
  constructor(client: GenAIClient, request: ImageRequest, timeoutMs: number | undefined) {
    this.#client = client;
    this.#request = request;
    this.#timeoutMs = timeoutMs;
    this.model = request.model;
    this.#failures = new FailureReader(client, [request.prompt]);
  }

  plan(indices: readonly number[]): readonly (readonly number[])[] {
    const size = this.#isImagen ? MAX_IMAGEN_SAMPLES : 1;
    const requests = Math.ceil(indices.length / size);
    return Array.from({ length: requests }, (_, position) => indices.slice(position * size, (position + 1) * size));
  }

  run(indices: readonly number[], signal: AbortSignal): Promise<JobStatus> {
    return this.#failures.guardCreate((observer) => {
      const httpOptions = { ...observer.httpOptions(), ...this.#deadline() };
      return this.#make(indices, { abortSignal: signal, httpOptions });
    }, keptContent);
  }

  async #make(indices: readonly number[], options: ModelRequestOptions): Promise<JobStatus> {
    const { models } = this.#client;
    const [index = 0] = indices;
    if (!this.#isImagen)
      return parseContent(await models.generateContent(contentRequest(this.#request, index, options)));
    return parseImages(await models.generateImages(imagenRequest(this.#request, indices, options)), indices.length);
  }

  lostHint(): string {
    return 'It may have been carried out and be charged; what it made cannot be fetched.';
  }

  get #isImagen(): boolean {
    return isImagen(this.model);
  }

  /**
   * Tells the server the time as a header of its own: the SDK's `timeout` would also close the connection, and lose the
   * images with it.
   */
  #deadline(): Pick<PaidHttpOptions, 'headers'> {
    const hasOwnTimeout = apiClientOf(this.#client)?.getTimeout?.() !== undefined;
    if (this.#timeoutMs === undefined || hasOwnTimeout) return {};
    return { headers: { 'X-Server-Timeout': String(Math.max(1, Math.ceil(this.#timeoutMs / 1000))) } };
  }
}
