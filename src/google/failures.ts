import { RemoteError } from '../api/errors.js';
import type { JobOutput, JobStatus } from './port.js';
import { readErrorBody, type ErrorBody, type RetryAfter } from './error-body.js';
import { compact, objectsIn, textIn } from '../util/json.js';
import { redactMessage, redactSecrets, withoutLongPrompts } from './redact.js';
import { apiClientOf, type GenAIClient } from './sdk.js';
import {
  adviceFor,
  adviceIfNeverSent,
  checkSendable,
  innermostOf,
  parseCut,
  RequestObserver,
  UnsendableError,
} from './transport.js';

/**
 * Meaning of a failed call for the job that it was to start:
 * - `not-sent`: the request provably never reached the server.
 * - `rejected`: the server refused it. It started nothing, and another try does not help.
 * - `background-refused`: the server does not run such jobs in the background.
 * - `rate-limited`: the server refused it for now: too many requests, or it is overloaded.
 * - `quota-exceeded`: the quota of the day is used up. Another try does not help.
 * - `ambiguous`: the server may have carried it out.
 */
export type FailureKind =
  'not-sent' | 'rejected' | 'background-refused' | 'rate-limited' | 'quota-exceeded' | 'ambiguous';

type FailureFacts = Pick<CallFailure, 'retryAfter' | 'isGoogles' | 'advice'>;

/** A call without a usable answer: read, classified and redacted. */
export class CallFailure extends Error {
  override readonly name = 'CallFailure';
  readonly kind: FailureKind;
  /** The failure as users see it, without anything secret. */
  readonly error: RemoteError;
  readonly retryAfter: RetryAfter | undefined;
  /** Whether the answer has Google's error shape. */
  readonly isGoogles: boolean;
  readonly advice: string;

  constructor(kind: FailureKind, error: RemoteError, facts: Partial<FailureFacts> = {}) {
    super(error.message);
    this.kind = kind;
    this.error = error;
    this.retryAfter = facts.retryAfter;
    this.isGoogles = facts.isGoogles ?? false;
    this.advice = facts.advice ?? '';
  }

  withAdvice(advice: string): CallFailure {
    return new CallFailure(this.kind, this.error, { retryAfter: this.retryAfter, isGoogles: this.isGoogles, advice });
  }

  /** The same, of a request that the transport has never written. */
  neverSent(advice = this.advice): CallFailure {
    return this.status === undefined ? new CallFailure('not-sent', this.error, { advice }) : this;
  }

  /** The same, of a request that the transport has written, whatever the error says. */
  maybeSent(): CallFailure {
    return this.kind === 'not-sent' ? new CallFailure('ambiguous', this.error) : this;
  }

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

/** Reads a name, which becomes part of a path. One that cannot is told, so that the user can look for the job. */
export function nameIn(answer: unknown, key: string, what: string, isName: (name: string) => boolean): string {
  const name = textIn(answer, key);
  if (name !== undefined && isName(name)) return name;
  const why = name === undefined ? `it has no ${key}` : `${JSON.stringify(name)} is not the name of one`;
  throw new MalformedAnswerError(`The answer is not ${what}: ${why}.`);
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

  /**
   * Makes a paid request in this turn, unless it cannot be sent. Where the SDK could not read an answer, `keep` reads as
   * much of its body as is known. With `canRefuse` the server may refuse to run it in the background.
   */
  async guardCreate(
    call: (observer: RequestObserver) => Promise<JobStatus>,
    keep: (body: unknown) => JobStatus,
    canRefuse = false,
  ): Promise<JobStatus> {
    const observer = new RequestObserver();
    try {
      checkSendable(this.#client);
      return this.clean(await call(observer));
    } catch (error) {
      const failure = this.read(error, observer, canRefuse);
      if (failure.kind !== 'ambiguous') throw failure;
      try {
        return this.clean(keep(parseCut(readErrorBody(error, observer).text)));
      } catch {
        throw (await this.#hasNoCredentials(error)) ? failure.neverSent(adviceFor(error, false)) : failure;
      }
    }
  }

  /** Whether the credentials cannot be had: asked for once more, they fail in the same way. */
  async #hasNoCredentials(error: unknown): Promise<boolean> {
    const { message } = innermostOf(error);
    try {
      await apiClientOf(this.#client)?.getAuthHeaders?.();
    } catch (reason) {
      return message !== '' && message === innermostOf(reason).message;
    }
    return false;
  }

  /** Reads the failure, of which nothing is known where its members cannot be read: what they throw is not redacted. */
  read(error: unknown, observer?: RequestObserver, canRefuse = false): CallFailure {
    try {
      const body = readErrorBody(error, observer);
      const { status, retryAfter, googleCode, code } = body;
      const message = this.#clean(this.#describe(body));
      // The SDK has failed before it made the request: a status would be that of another request, for credentials.
      if (observer?.isPassedOn === false || error instanceof UnsendableError)
        return new CallFailure('not-sent', new RemoteError(message, { code }), { advice: adviceFor(error, false) });
      // The message as it came: what the prompt leaves of it must not decide about the meaning.
      const isRefused = canRefuse && isBackgroundRefusal(body, withoutLongPrompts(body.message, this.#prompts));
      const kind = isRefused ? 'background-refused' : kindOf(body, adviceIfNeverSent(error) !== undefined);
      const facts = { retryAfter, isGoogles: googleCode !== undefined, advice: adviceOf(kind, error) };
      return new CallFailure(kind, new RemoteError(message, { status, code: googleCode ?? code }), facts);
    } catch {
      return new CallFailure('ambiguous', new RemoteError('The call was rejected with an error that cannot be read.'));
    }
  }

  /** Returns the status without secrets: its texts end up in errors and warnings. */
  clean(status: JobStatus): JobStatus {
    const { message, outputs, pending, phase } = status;
    // A documented status is one of our own words, whatever the prompt is. Any other one may quote the request.
    const text = phase === 'unknown' ? this.#cleanWord(status.status) : status.status;
    const cleanOutput = (output: JobOutput): JobOutput =>
      'failure' in output ? { failure: this.#clean(output.failure) } : output;
    return compact({
      ...status,
      // A record with an empty one could not be read again.
      status: text.trim() === '' ? 'unspecified' : text,
      message: message === undefined ? undefined : this.#clean(message),
      outputs: outputs?.map(cleanOutput),
      pending: pending?.map(cleanOutput),
    });
  }

  #cleanWord(word: string): string {
    return shorten(redactSecrets(withoutLongPrompts(word, this.#prompts), this.#client), MAX_STATUS);
  }

  /** Redacts before it cuts: half of a key cannot be recognised. */
  #clean(text: string): string {
    return shorten(redactMessage(text, this.#client, this.#prompts), MAX_MESSAGE);
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

function adviceOf(kind: FailureKind, error: unknown): string {
  if (kind === 'not-sent' || kind === 'ambiguous') return adviceFor(error);
  return kind === 'quota-exceeded' ? 'The quota of the day is used up: it is not sent again.' : '';
}

function kindOf(body: ErrorBody, isNeverSent: boolean): FailureKind {
  const { status } = body;
  if (status === undefined) return isNeverSent ? 'not-sent' : 'ambiguous';
  if (status === 429) return isDailyQuota(body) ? 'quota-exceeded' : 'rate-limited';
  // A proxy may answer 503 after it has passed the request on.
  if (status === 503 && body.googleCode !== undefined) return 'rate-limited';
  const isRejection = status >= 400 && status < 500 && status !== 408 && status !== 499;
  return isRejection ? 'rejected' : 'ambiguous';
}

function isDailyQuota({ googleCode, details }: ErrorBody): boolean {
  const violations = details.flatMap((detail) => objectsIn(detail['violations']));
  return googleCode === 'quota_exceeded' || violations.some((one) => textIn(one, 'quotaId')?.includes('PerDay'));
}

/** A 400 that names the background, or a collection that does not exist. A wrong model is not meant. */
function isBackgroundRefusal({ status, googleCode }: ErrorBody, message: string): boolean {
  if (googleCode === undefined) return false;
  if (status === 400) return /\bbackground\b/i.test(message);
  return (status === 404 && googleCode !== 'model_not_found') || status === 405 || status === 501;
}

function shorten(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max)}…` : text;
}
