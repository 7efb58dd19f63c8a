import { isObject, objectsIn, parseJson } from '../util/json.js';

/** An error of the SDK, read. */
export interface ErrorBody {
  /** HTTP status; `undefined` without an answer. */
  readonly status: number | undefined;
  /** Code of the connection error, such as `ECONNREFUSED`. */
  readonly code: string | undefined;
  /** Whether the answer has the shape of Google's errors. A proxy's page has not. */
  readonly isGoogle: boolean;
  /** Google's code as a string, such as `model_not_found`, where it is one. */
  readonly googleCode: string | undefined;
  readonly message: string;
  readonly details: readonly Record<string, unknown>[];
  readonly retryAfterMs: number | undefined;
}

/**
 * Reads an error of the SDK, most of whose classes are not exported. `ai.interactions` keeps the body in `body`;
 * `ai.models` and `ai.batches` give it as the message, and make one up for answers that are not JSON.
 */
export function readErrorBody(error: unknown): ErrorBody {
  const fields = isObject(error) ? error : {};
  const message = typeof fields['message'] === 'string' ? fields['message'] : '';
  const isRaw = typeof fields['body'] === 'string';
  const text = isRaw ? String(fields['body']) : message;
  const inner = innerError(parseJson(text));
  const status = statusOf(fields['status'], inner);
  const details = objectsIn(inner?.['details']);
  const told = inner === undefined ? undefined : inner['message'];
  return {
    status,
    code: innermostCode(error),
    isGoogle: inner !== undefined && hasGoogleCode(inner),
    googleCode: typeof inner?.['code'] === 'string' ? inner['code'] : undefined,
    message: typeof told === 'string' ? told : textOf(error, status === undefined ? message : text),
    details,
    retryAfterMs: retryInfoOf(details) ?? retryAfterOf(fields['headers']),
  };
}

/** Reads Google's two shapes: `{error: {…}}`, and from the gateway in front `[{error: {…}}]`. */
function innerError(body: unknown): Record<string, unknown> | undefined {
  const first: unknown = Array.isArray(body) ? body[0] : body;
  const inner = isObject(first) ? first['error'] : undefined;
  return isObject(inner) ? inner : undefined;
}

/** The SDK's own errors for pages have the reason phrase of HTTP as the status, such as `Service Unavailable`. */
function hasGoogleCode({ code, status }: Record<string, unknown>): boolean {
  return (typeof code === 'string' && code !== '') || (typeof status === 'string' && /^[A-Z_]+$/.test(status));
}

/** For a redirect the SDK has no status but in the body that it makes up. */
function statusOf(status: unknown, inner: Record<string, unknown> | undefined): number | undefined {
  if (typeof status === 'number') return status;
  const code = inner?.['code'];
  return typeof code === 'number' && code >= 300 && code < 600 ? code : undefined;
}

function textOf(error: unknown, text: string): string {
  if (!(error instanceof Error)) return 'The call was rejected without an error.';
  return text
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
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

/** `google.rpc.RetryInfo`, such as `34.4s`. */
function retryInfoOf(details: readonly Record<string, unknown>[]): number | undefined {
  for (const { retryDelay } of details) {
    const [, seconds] = /^(\d+(?:\.\d+)?)s$/.exec(String(retryDelay)) ?? [];
    if (seconds !== undefined) return Number(seconds) * 1_000;
  }
  return undefined;
}

/** Reads both forms of RFC 9110: seconds, and a date, which counts from the server's own. */
function retryAfterOf(headers: unknown): number | undefined {
  if (!(headers instanceof Headers)) return undefined;
  const value = headers.get('retry-after') ?? '';
  if (/^\d+(?:\.\d+)?$/.test(value)) return Number(value) * 1_000;
  const waitMs = Date.parse(value) - Date.parse(headers.get('date') ?? '');
  return Number.isFinite(waitMs) && waitMs >= 0 ? waitMs : undefined;
}
