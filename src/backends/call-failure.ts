import { RemoteError } from '../errors/remote-error.js';

/** What is known of a call that did not give a usable answer. */
export interface CallFailure {
  /** HTTP status of the answer; `undefined` if there was none. */
  readonly status: number | undefined;
  /** `true` if the request provably never reached the server. */
  readonly neverSent: boolean;
  /** How long the server asked to wait before the next try, in ms. */
  readonly retryAfterMs: number | undefined;
  /** The failure without anything secret, to be shown. */
  readonly error: RemoteError;
}

/** The longest message, in characters. */
export const MAX_MESSAGE = 500;

/** Connection errors that come before the first byte of a request is sent. Any other one may have come after it. */
const neverSentCodes = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

/**
 * Reads an error of the SDK: by its `status`, since most of its error classes are not exported. `redact` gets its message before
 * that is cut: half of a key is a secret too, and cannot be recognised any more.
 */
export function describeFailure(error: unknown, redact = (message: string): string => message): CallFailure {
  const status = statusOf(error);
  const code = innermostCode(error);
  return {
    status,
    neverSent: status === undefined && code !== undefined && neverSentCodes.has(code),
    retryAfterMs: retryAfterOf(error),
    error: new RemoteError(messageOf(error, code, redact), { status, code }),
  };
}

function statusOf(error: unknown): number | undefined {
  const status = isObject(error) ? error['status'] : undefined;
  return typeof status === 'number' ? status : undefined;
}

/** "Connection error." hides the cause that tells a refused connection from a lost answer. */
function innermostCode(error: unknown): string | undefined {
  let code: string | undefined;
  let current: unknown = error;
  for (let depth = 0; depth < 8 && isObject(current); depth++) {
    if (typeof current['code'] === 'string') code = current['code'];
    current = current['cause'];
  }
  return code;
}

function retryAfterOf(error: unknown): number | undefined {
  const headers = isObject(error) ? error['headers'] : undefined;
  if (!(headers instanceof Headers)) return undefined;
  const seconds = Number.parseFloat(headers.get('retry-after') ?? '');
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

function messageOf(error: unknown, code: string | undefined, redact: (message: string) => string): string {
  const message = error instanceof Error ? plainMessage(error.message) : 'The call was rejected without an error.';
  const shortened = shorten(redact(message), MAX_MESSAGE);
  return code === undefined || shortened.includes(code) ? shortened : `${shortened} (${code})`;
}

/** What a server has to say goes into errors, logs and journals: no more of it than somebody will read. */
export function shorten(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max)}…` : text;
}

/** `ai.models` and `ai.batches` give the whole error body as the message. */
function plainMessage(message: string): string {
  try {
    const body: unknown = JSON.parse(message);
    const inner = isObject(body) && isObject(body['error']) ? body['error']['message'] : undefined;
    return typeof inner === 'string' ? inner : message;
  } catch {
    return message;
  }
}

/** Narrows to something with properties. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
