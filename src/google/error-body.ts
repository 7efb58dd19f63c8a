import { isObject, objectsIn, parseJson, textIn } from '../util/json.js';
import { innermostOf, type RequestObserver } from './transport.js';

/** Error as it was read. Without `googleCode` the answer is not Google's: it may be a proxy's page. */
export type ErrorBody = ReturnType<typeof readErrorBody>;

/** When the server may be asked again: after a time, or at one in ms since the epoch. */
export type RetryAfter = { readonly ms: number } | { readonly at: number };

/**
 * Reads an error of the SDK, most of whose classes are not exported. `ai.interactions` keeps the body in `body`;
 * `ai.models` and `ai.batches` give it as the message, and make one up for answers that are not JSON.
 */
export function readErrorBody(error: unknown, observer?: RequestObserver) {
  const fields = isObject(error) ? error : {};
  const innermost = innermostOf(error);
  const message = textIn(error, 'message') ?? '';
  const body = typeof fields['body'] === 'string' ? fields['body'] : undefined;
  const inner = innerErrorOf(body ?? message);
  const status = observer?.response?.status ?? statusOf(fields['status'], inner);
  const googleCode = inner && googleCodeOf(inner);
  const details = objectsIn(inner?.['details']);
  const told = typeof inner?.['message'] === 'string' ? inner['message'] : undefined;
  const outer = status === undefined ? innermost.message : message;
  const unread = error instanceof Error ? outer : 'The call was rejected without an error.';
  const isPage = status !== undefined && googleCode === undefined;
  return {
    status,
    // Of a connection error, such as `ECONNREFUSED`.
    code: innermost.code,
    googleCode,
    message: isPage ? textOfPage(told ?? body ?? message) : (told ?? unread),
    details,
    text: observer?.body ?? body ?? '',
    retryAfter: retryInfoOf(details) ?? retryAfterOf(fields['headers'] ?? observer?.response?.headers),
  };
}

/** Reads the error in a body, also where the SDK has wrapped the body into one of its own because of the content type. */
function innerErrorOf(text: string): Record<string, unknown> | undefined {
  const inner = innerError(parseJson(text));
  if (inner === undefined || googleCodeOf(inner) !== undefined) return inner;
  return innerError(parseJson(textIn(inner, 'message') ?? '')) ?? inner;
}

/** Reads Google's two shapes: `{error: {…}}`, and from the gateway in front `[{error: {…}}]`. */
function innerError(body: unknown): Record<string, unknown> | undefined {
  const first: unknown = Array.isArray(body) ? body[0] : body;
  const inner = isObject(first) ? first['error'] : undefined;
  return isObject(inner) ? inner : undefined;
}

/** Reads Google's code. The SDK's own errors for pages have HTTP's reason phrase as the status, such as `Not Found`. */
function googleCodeOf({ code, status }: Record<string, unknown>): string | undefined {
  if (typeof code === 'string') return /^[a-z_]{1,64}$/i.test(code) ? code : undefined;
  return typeof status === 'string' && /^[A-Z_]{1,64}$/.test(status) ? status : undefined;
}

/** For a redirect the SDK has no status but in the body that it makes up. */
function statusOf(status: unknown, inner: Record<string, unknown> | undefined): number | undefined {
  if (typeof status === 'number') return status;
  const code = inner?.['code'];
  return typeof code === 'number' && code >= 300 && code < 600 ? code : undefined;
}

/** Takes the tags out of a page. The pattern stops at a `<`, or many of them would take a time that grows with their square. */
function textOfPage(page: string): string {
  const words = page.replace(/<[^<>]*>/g, ' ').split(/\s+/);
  return words.join(' ').trim();
}

/** `google.rpc.RetryInfo`, such as `34.4s`. */
function retryInfoOf(details: readonly Record<string, unknown>[]): RetryAfter | undefined {
  const delays = details.map((detail) => /^(\d+(?:\.\d+)?)s$/.exec(textIn(detail, 'retryDelay') ?? '')?.[1]);
  const seconds = delays.find((delay) => delay !== undefined);
  return seconds === undefined ? undefined : { ms: Number(seconds) * 1_000 };
}

/** Reads both forms of RFC 9110: seconds, and a date, which counts from the server's own where it tells that. */
function retryAfterOf(headers: unknown): RetryAfter | undefined {
  if (!isObject(headers) || typeof headers['get'] !== 'function') return undefined;
  const { get } = headers as unknown as Headers;
  const [value = '', date = ''] = ['retry-after', 'date'].map((name) => get.call(headers, name)?.trim() ?? '');
  if (/^\d+(?:\.\d+)?$/.test(value)) return { ms: Number(value) * 1_000 };
  const at = /^[a-z]{3}/i.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) return undefined;
  const sentAt = Date.parse(date);
  if (Number.isNaN(sentAt)) return { at };
  return at < sentAt ? undefined : { ms: at - sentAt };
}
