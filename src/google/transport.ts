import { isObject, parseJson, textIn } from '../util/json.js';
import { readEvents, type EventStream } from './event-stream.js';
import { inTurn, patientFetch, scopedFetches } from './request-scope.js';
import {
  apiClientOf,
  type ApiClientSlice,
  type GenAIClient,
  type InteractionsModule,
  type PaidHttpOptions,
} from './sdk.js';

/** A request that cannot be sent as the client is set up. */
export class UnsendableError extends Error {
  override readonly name = 'UnsendableError';
}

const KEY_HEADER = 'x-goog-api-key';
const ADVICE = {
  credentials:
    'Give a key, `new GoogleGenAI({ apiKey })`, or set GEMINI_API_KEY; on Vertex, run `gcloud auth application-default login`.',
  baseUrl: 'Check the base URL of the client, `httpOptions.baseUrl`.',
  headers: 'Check the API key and `httpOptions.headers`: a header takes Latin-1 characters only, and no line breaks.',
  certificate:
    "Check the server's certificate and the base URL; under Node, NODE_EXTRA_CA_CERTS adds an authority of your own.",
  proxy: 'Check the proxy and its credentials.',
  network: 'Check the network, the proxy and the base URL.',
} as const;

/** Failures before the first byte of a request, with what to do, by `code message` of the innermost error. */
const neverSent: readonly (readonly [RegExp, string])[] = [
  [/default credentials|Ephemeral tokens|Project Id in the current environment/i, ADVICE.credentials],
  [/^ERR_INVALID_URL|Invalid URL|parse URL|Base URL|unknown scheme|not implemented\.\.\. yet/i, ADVICE.baseUrl],
  [/bad port|URL that includes credentials|URL scheme .* not supported/i, ADVICE.baseUrl],
  [/ByteString|invalid header|invalid [\w-]+ header|^UND_ERR_(?:INVALID_ARG|NOT_SUPPORTED)/i, ADVICE.headers],
  [/^(?:CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA)/, ADVICE.certificate],
  [/^ERR_SSL_(?:WRONG_VERSION|UNSUPPORTED_PROTOCOL|PACKET_LENGTH|HTTP_REQUEST)/, ADVICE.certificate],
  [/^ERR_SSL_\w*(?:HANDSHAKE_FAILURE|PROTOCOL_VERSION|UNRECOGNIZED_NAME)/, ADVICE.certificate],
  [/SSL routines.*(?:wrong version number|handshake failure)|before secure TLS connection/, ADVICE.certificate],
  [/Proxy response \(?\d+\)? !== 200/, ADVICE.proxy],
  [/^(?:ECONNREFUSED|ENOTFOUND|EAI_\w+|UND_ERR_CONNECT_TIMEOUT)\b|\bconnect E[A-Z]+/, ADVICE.network],
];

/** Returns what to do about a failure that proves that the request was never sent; `undefined` for any other one. */
export function adviceIfNeverSent(error: unknown): string | undefined {
  // Its message says what to do.
  if (error instanceof UnsendableError) return '';
  const { code, message } = innermostOf(error);
  return neverSent.find(([pattern]) => pattern.test(`${code ?? ''} ${message}`.trim()))?.[1];
}

/** Returns what to do about a request that was not passed to `fetch`, or else that the transport has never written. */
export function adviceFor(error: unknown, isPassedOn = true): string {
  return adviceIfNeverSent(error) ?? (isPassedOn ? ADVICE.network : ADVICE.credentials);
}

/** "Connection error." hides the cause that tells a refused connection from a lost answer. */
export function innermostOf(error: unknown): { code: string | undefined; message: string } {
  let code: string | undefined;
  let message = '';
  let current: unknown = error;
  try {
    for (let depth = 0; depth < 8 && isObject(current); depth++) {
      code = textIn(current, 'code') ?? code;
      message = textIn(current, 'message') ?? message;
      current = current['cause'];
    }
  } catch {
    // A getter may throw: what was read before counts.
  }
  return { code, message };
}

/** Throws an `UnsendableError` if it is known without any I/O that nothing can be sent. */
export function checkSendable(client: GenAIClient): void {
  const apiClient = apiClientOf(client);
  if (apiClient === undefined) return;
  checkBaseUrl(apiClient.getBaseUrl?.());
  const { apiKey } = client as { apiKey?: unknown };
  const headers = { ...apiClient.getHeaders?.() };
  const key = headers[KEY_HEADER] ?? apiKey;
  if (!client.vertexai && typeof key === 'string' && key.trim() === '') {
    throw new UnsendableError(`The API key is empty. ${ADVICE.credentials}`);
  }
  const all = typeof apiKey === 'string' ? { ...headers, [KEY_HEADER]: apiKey } : headers;
  for (const [name, value] of Object.entries(all)) checkHeader(name, value);
}

function checkBaseUrl(baseUrl: string | undefined): void {
  if (baseUrl === undefined) return;
  const { protocol, username, password } = URL.canParse(baseUrl) ? new URL(baseUrl) : {};
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new UnsendableError(`The base URL is not an absolute http(s) URL. ${ADVICE.baseUrl}`);
  if (username || password)
    throw new UnsendableError(`A base URL with a user name or a password cannot be sent to. ${ADVICE.baseUrl}`);
}

function checkHeader(name: string, value: string): void {
  try {
    new Headers([[name, value]]);
  } catch {
    throw new UnsendableError(`The header ${name} cannot be sent. ${ADVICE.headers}`);
  }
}

/** Sees what the SDK's errors leave out of one call: whether it was passed to `fetch`, and the answer. */
export class RequestObserver {
  /** `undefined` where the SDK takes no such option. */
  isPassedOn: boolean | undefined;
  response: Response | undefined;
  /** The body of the answer, as far as it has arrived. */
  body: string | undefined;
  /** The events of the answer, if it is a stream that is to be read here. The SDK sees none of them then. */
  events: EventStream | undefined;
  readonly #readsEvents: boolean;
  readonly #scope = inTurn.scope;

  /** With `readsEvents` the events are read here: the SDK scans an image byte by byte. */
  constructor({ readsEvents = false } = {}) {
    this.#readsEvents = readsEvents;
  }

  /** Options for one call of `ai.models` or `ai.batches`, which is not tried again: from here on it is seen. */
  httpOptions(client: GenAIClient): PaidHttpOptions {
    const retryOptions = { attempts: 1 };
    const apiClient = apiClientOf(client);
    if (apiClient?.getFetch === undefined) return { retryOptions };
    return { retryOptions, fetch: this.#observe(apiClient.getFetch() ?? patientFetch) };
  }

  /**
   * Returns a copy of `ai.interactions` for one call that is seen. If the SDK has changed, it returns the module itself.
   * `instead` takes the place of the client's `fetch`, and of its credentials.
   */
  interactions({ interactions }: GenAIClient, instead?: typeof fetch): InteractionsModule {
    const { parentClient } = interactions as { parentClient?: ApiClientSlice };
    if (typeof parentClient?.getFetch !== 'function') return interactions;
    const send = this.#observe(instead ?? parentClient.getFetch() ?? patientFetch);
    const seen = Object.create(parentClient, { getFetch: { value: () => send } }) as object;
    if (instead !== undefined) Object.assign(seen, { getAuthHeaders: () => Promise.resolve(new Headers()) });
    return Object.create(interactions, {
      parentClient: { value: seen },
      // The SDK keeps the client that it has made of the other one here.
      sdk: { value: undefined, writable: true },
    }) as InteractionsModule;
  }

  #observe(send: typeof fetch): typeof fetch {
    this.isPassedOn = false;
    const scope = this.#scope;
    const isOurs = scopedFetches.has(send);
    return async (input, init) => {
      this.isPassedOn = true;
      // Bun takes nothing from a `Request` that comes with an `undefined`.
      const pass = (): Promise<Response> => (init === undefined ? send(input) : send(input, init));
      const response = await (scope === undefined ? pass() : isOurs ? scope.run(pass) : scope.runAsync(pass));
      this.response = response;
      // The `fetch` of an application may answer with less than a `Response`: then the SDK reads it by itself.
      const body = response.body as Partial<ReadableStream<Uint8Array>> | null | undefined;
      if (typeof body?.getReader !== 'function') return response;
      const text = (): Promise<string> => this.#read(response);
      const reads: Record<PropertyKey, unknown> = { text, json: async () => JSON.parse(await text()) as unknown };
      if (this.#readsEvents && response.status === 200 && isEventStream(response)) {
        this.events = readEvents(response.body as ReadableStream<Uint8Array>);
        reads['body'] = new ReadableStream({ start: (controller) => controller.close() });
      }
      return new Proxy(response, {
        get: (target, name) => {
          const value: unknown = reads[name] ?? Reflect.get(target, name, target);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      });
    };
  }

  async #read(response: Response): Promise<string> {
    const decoder = new TextDecoder();
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    this.body = '';
    for (;;) {
      const { done, value } = await reader.read();
      this.body += decoder.decode(value, { stream: !done });
      if (done) return this.body;
    }
  }
}

function isEventStream({ headers }: Response): boolean {
  return /^\s*text\/event-stream\b/i.test(headers.get('content-type') ?? '');
}

/** No answer is nested so deeply. */
const MAX_DEPTH = 100;

/** Parses JSON that may have been cut: the members that have arrived whole count. `undefined` if there are none. */
export function parseCut(text: string): unknown {
  const whole = parseJson(text);
  if (whole !== undefined) return whole;
  const open: string[] = [];
  let kept: string | undefined;
  for (let at = 0; at < text.length && open.length < MAX_DEPTH; at++) {
    const sign = text.charAt(at);
    if (sign === '{' || sign === '[') open.push(sign === '{' ? '}' : ']');
    else if (sign === '}' || sign === ']') open.pop();
    else if (sign === '"') {
      const end = endOfText(text, at + 1);
      if (end === undefined) break;
      const isValue = /:\s*$/.test(text.slice(Math.max(0, at - 8), at));
      at = end;
      if (!isValue) continue;
    } else continue;
    kept = text.slice(0, at + 1) + open.toReversed().join('');
  }
  return kept === undefined ? undefined : parseJson(kept);
}

function endOfText(json: string, from: number): number | undefined {
  for (let end = json.indexOf('"', from); end !== -1; end = json.indexOf('"', end + 1)) {
    const escapes = /\\*$/.exec(json.slice(Math.max(from, end - 64), end))?.[0].length ?? 0;
    if (escapes % 2 === 0) return end;
  }
  return undefined;
}
