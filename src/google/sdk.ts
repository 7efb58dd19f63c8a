import type { GenerateImagesConfig } from '../api/images.js';
import type { ServerReference } from '../api/snapshot.js';
import { compact, isObject, type Compact } from '../util/json.js';

/**
 * The part of `GoogleGenAI` that the library calls, written out structurally: importing the SDK's types would bring
 * `@types/node` into every program that uses the core. A type test holds both majors of the SDK to it.
 */
export interface GenAIClient {
  readonly interactions: InteractionsModule;
  /** Synchronous calls. */
  readonly models: {
    generateContent(request: GenerateContentRequest): PromiseLike<unknown>;
    generateImages(request: GenerateImagesRequest): PromiseLike<unknown>;
  };
  readonly batches: {
    create(request: CreateBatchRequest): PromiseLike<unknown>;
    get(request: BatchCall): PromiseLike<unknown>;
    cancel(request: BatchCall): PromiseLike<unknown>;
    list(request: { config: { pageSize: number; filter?: string } }): PromiseLike<BatchPager>;
  };
  /** Whether it speaks to Vertex. */
  readonly vertexai: boolean;
}

interface BatchPager {
  readonly page: readonly unknown[];
  hasNextPage(): boolean;
  nextPage(): PromiseLike<unknown>;
}

export interface BatchCall {
  name: string;
  config: { httpOptions: { timeout: number; retryOptions: { attempts: number } } };
}

export interface InlinedRequest {
  contents: string;
  config: Omit<GenerateContentRequest['config'], keyof ModelRequestOptions>;
}

/** Parameters of `ai.batches.create()`: with the requests inside, or on Vertex with the addresses of source and results. */
export interface CreateBatchRequest {
  model: string;
  src: InlinedRequest[] | string;
  config: { displayName: string; dest?: string; webhookConfig?: { uris: string[] }; httpOptions: PaidHttpOptions };
}

/** `httpOptions` of a paid request: one try, and a `fetch` that shows what becomes of it. */
export interface PaidHttpOptions {
  retryOptions: { attempts: number };
  headers?: Record<string, string>;
  fetch?: typeof fetch;
}

export interface ModelRequestOptions {
  /** Closes the connection. The server does not notice. */
  abortSignal: AbortSignal;
  httpOptions: PaidHttpOptions;
}

type ImageNames = 'aspectRatio' | 'imageSize' | 'outputMimeType' | 'outputCompressionQuality' | 'personGeneration';

export interface GenerateContentRequest {
  model: string;
  contents: string;
  config: {
    responseModalities: string[];
    imageConfig?: Compact<Pick<GenerateImagesConfig, ImageNames>>;
    seed?: number;
    labels?: Record<string, string>;
  } & ModelRequestOptions;
}

type EnumNames = 'safetyFilterLevel' | 'personGeneration' | 'language';
type OwnNames = 'abortSignal' | 'httpOptions' | 'numberOfImages' | 'includeRaiReason' | 'includeSafetyAttributes';

/** Parameters of `ai.models.generateImages()`. Its enums are typed as `never`: what they hold came from the caller's own. */
export interface GenerateImagesRequest {
  model: string;
  prompt: string;
  config: Compact<Omit<GenerateImagesConfig, EnumNames | OwnNames>> &
    Partial<Record<EnumNames, never>> & {
      numberOfImages: number;
      includeRaiReason: true;
    } & ModelRequestOptions;
}

/** `ai.interactions` with the arguments in the SDK's order. Answers are `unknown`: what a server sends is checked, not trusted. */
export interface InteractionsModule {
  create(body: CreateInteractionBody, options: RequestOptions): PromiseLike<unknown>;
  // eslint-disable-next-line @typescript-eslint/unified-signatures -- the SDK's own overloads do not fit a union
  create(body: StreamedInteractionBody, options: RequestOptions): PromiseLike<unknown>;
  get(id: string, params: { stream?: false }, options: RequestOptions): PromiseLike<unknown>;
  // eslint-disable-next-line @typescript-eslint/unified-signatures -- the SDK's own overloads do not fit a union
  get(id: string, params: { stream: true; last_event_id?: string }, options: RequestOptions): PromiseLike<unknown>;
  cancel(id: string, params: Record<string, never>, options: RequestOptions): PromiseLike<unknown>;
}

/** Options of one request. The SDK's own retries are always off: they would send a paid create again on a guess. */
export interface RequestOptions {
  maxRetries: 0;
  /** Milliseconds, an integer: a fraction fails unsent and looks like a connection error. */
  timeout?: number;
}

export interface CreateInteractionBody {
  model: string;
  input: string;
  background: true;
  response_format: { type: 'image'; aspect_ratio?: string; image_size?: string; mime_type?: string };
  generation_config?: { seed: number };
  labels?: Record<string, string>;
  webhook_config?: { uris: string[]; user_metadata?: Record<string, unknown> };
}

/** Body that starts an interaction in the foreground, with its events as the answer. */
type StreamedInteractionBody = Omit<CreateInteractionBody, 'background'> & { stream: true };

/** The SDK's HTTP client: private in its types, present in both majors. Every member may be missing one day. */
export interface ApiClientSlice {
  getAuthHeaders?: () => Promise<Headers>;
  getHeaders?: () => Record<string, string>;
  getBaseUrl?: () => string;
  getApiVersion?: () => string;
  isVertexAI?: () => boolean;
  getProject?: () => string | undefined;
  getLocation?: () => string | undefined;
  getTimeout?: () => number | undefined;
  getFetch?: () => typeof fetch | undefined;
}

export function apiClientOf(client: GenAIClient): ApiClientSlice | undefined {
  const { apiClient } = client as { apiClient?: unknown };
  return isObject(apiClient) ? apiClient : undefined;
}

/** Names the server that a client talks to, without credentials, also those that a URL may hold. */
export function serverOf(client: GenAIClient): ServerReference {
  const apiClient = apiClientOf(client);
  const baseUrl = apiClient?.getBaseUrl?.() ?? '';
  const { origin, pathname = '' } = URL.canParse(baseUrl) ? new URL(baseUrl) : {};
  const project = client.vertexai ? apiClient?.getProject?.() : undefined;
  const location = client.vertexai ? apiClient?.getLocation?.() : undefined;
  const path = origin === undefined ? undefined : `${pathname.replace(/\/+$/, '')}/`;
  return compact({ vertexai: client.vertexai, origin, path, project, location });
}
