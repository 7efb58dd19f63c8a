import { RemoteError } from '../api/errors.js';
import type { JobStatus } from './port.js';
import { readErrorBody, type ErrorBody } from './error-body.js';
import { isObject } from '../util/json.js';
import { redactMessage, redactSecrets, withoutLongPrompts } from './redact.js';
import { apiClientOf, type GenAIClient } from './sdk.js';

/**
 * Meaning of a failed call for the job that it was to start:
 *
 * - `not-sent`: the request provably never reached the server.
 * - `rejected`: the server refused it. It started nothing, and another try does not help.
 * - `background-refused`: the server does not run such jobs in the background.
 * - `rate-limited`: the server refused it for now: too many requests, or it is overloaded.
 * - `quota-exceeded`: the quota of the day is used up. Another try does not help.
 * - `ambiguous`: the server may have carried it out.
 */
export type FailureKind =
  'not-sent' | 'rejected' | 'background-refused' | 'rate-limited' | 'quota-exceeded' | 'ambiguous';

/** A call without a usable answer: read, classified and redacted. */
export class CallFailure extends Error {
  override readonly name = 'CallFailure';
  readonly kind: FailureKind;
  /** The failure as users see it, without anything secret. */
  readonly error: RemoteError;
  /** Time that the server asks to wait before the next try, in ms. */
  readonly retryAfterMs: number | undefined;

  constructor(kind: FailureKind, error: RemoteError, retryAfterMs?: number) {
    super(error.message);
    this.kind = kind;
    this.error = error;
    this.retryAfterMs = retryAfterMs;
  }

  /** HTTP status of the answer; `undefined` if there was none. */
  get status(): number | undefined {
    return this.error.status;
  }
}

/** Returns the failure that a call of an adapter rejected with, or an ambiguous one for an error of our own. */
export function failureOf(error: unknown): CallFailure {
  if (error instanceof CallFailure) return error;
  const message = error instanceof Error ? error.message : 'The call was rejected without an error.';
  return new CallFailure('ambiguous', new RemoteError(shorten(message, MAX_MESSAGE)));
}

/** The answer came with HTTP 200 and is not what was asked for. */
export class MalformedAnswerError extends Error {
  override readonly name = 'MalformedAnswerError';
}

/** A name becomes part of a path. One that cannot is told, so that the user can look for the job. */
export function unusableName(what: string, name: string): MalformedAnswerError {
  return new MalformedAnswerError(`The answer is not ${what}: ${JSON.stringify(name)} is not the name of one.`);
}

/** Longest message and longest status, in characters: they stand in errors, logs and reports. */
const MAX_MESSAGE = 500;
const MAX_STATUS = 100;

/** Reads the failures and statuses of one backend where they arrive, so that no caller can forget to redact them. */
export class FailureReader {
  readonly #client: GenAIClient;
  readonly #prompts: readonly string[];

  constructor(client: GenAIClient, prompts: readonly string[]) {
    this.#client = client;
    this.#prompts = prompts;
  }

  /** Makes the call in this turn. Rejects with a `CallFailure`. */
  async guard<T>(call: () => PromiseLike<T> | T): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw this.read(error);
    }
  }

  /** Like `guard()`, for the create of a background job: the server may refuse the background. */
  async guardCreate<T>(call: () => PromiseLike<T> | T): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw this.read(error, isBackgroundRefusal);
    }
  }

  /** Reads, classifies and redacts, in this order: the prompt must not decide about the meaning. */
  read(error: unknown, isRefusal: (body: ErrorBody, message: string) => boolean = () => false): CallFailure {
    const body = readErrorBody(error);
    const kind = isRefusal(body, withoutLongPrompts(body.message, this.#prompts)) ? 'background-refused' : kindOf(body);
    const message = shorten(this.#redact(this.#describe(body)), MAX_MESSAGE);
    return new CallFailure(
      kind,
      new RemoteError(message, { status: body.status, code: body.googleCode ?? body.code }),
      body.retryAfterMs,
    );
  }

  /** Returns the status without secrets: its texts end up in errors and warnings. */
  clean(status: JobStatus): JobStatus {
    const clean = (text: string): string => shorten(this.#redact(text), MAX_MESSAGE);
    const { message, outputs, phase } = status;
    // A documented status is a word of the server's, whatever the prompt is. Any other one may quote the request.
    const word = phase === 'unknown' ? withoutLongPrompts(status.status, this.#prompts) : status.status;
    return {
      ...status,
      status: shorten(redactSecrets(word, this.#client), MAX_STATUS),
      ...(message === undefined ? {} : { message: clean(message) }),
      ...(outputs === undefined
        ? {}
        : { outputs: outputs.map((output) => ('failure' in output ? { failure: clean(output.failure) } : output)) }),
    };
  }

  #redact(message: string): string {
    return redactMessage(message, this.#client, this.#prompts);
  }

  /** An answer that is not Google's says nothing by itself: its status, and where the client looks for Google, may. */
  #describe({ status, message, googleCode, code }: ErrorBody): string {
    if (status === undefined) return code === undefined || message.includes(code) ? message : `${message} (${code})`;
    if (googleCode !== undefined) return message;
    const text = message === '' ? `HTTP ${status}` : `HTTP ${status}: ${message}`;
    const baseUrl = apiClientOf(this.#client)?.getBaseUrl?.();
    return status !== 404 || baseUrl === undefined ? text : `${text} (check the base URL ${baseUrl})`;
  }
}

/** Errors of connections that come before the first byte of a request is sent. Any other one may have come after it. */
const neverSentCodes: readonly unknown[] = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'];

function kindOf(body: ErrorBody): FailureKind {
  const { status } = body;
  if (status === undefined) return neverSentCodes.includes(body.code) ? 'not-sent' : 'ambiguous';
  if (status === 429) return isDailyQuota(body) ? 'quota-exceeded' : 'rate-limited';
  // A proxy may answer 503 after it has passed the request on.
  if (status === 503 && body.googleCode !== undefined) return 'rate-limited';
  const isRejection = status >= 400 && status < 500 && status !== 408 && status !== 499;
  return isRejection ? 'rejected' : 'ambiguous';
}

function isDailyQuota({ googleCode, details }: ErrorBody): boolean {
  if (googleCode === 'quota_exceeded') return true;
  return details.some(({ violations }) => {
    const listed: readonly unknown[] = Array.isArray(violations) ? violations : [];
    return listed.some((violation) => isObject(violation) && String(violation['quotaId']).includes('PerDay'));
  });
}

/** A 400 that names the background, or a collection that does not exist. A wrong model is not meant. */
function isBackgroundRefusal({ status, googleCode }: ErrorBody, message: string): boolean {
  if (googleCode === undefined) return false;
  if (status === 400) return /\bbackground\b/i.test(message);
  return (status === 404 && googleCode !== 'model_not_found') || status === 405 || status === 501;
}

/** Cuts a text: nobody reads more of it. */
function shorten(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max)}…` : text;
}
