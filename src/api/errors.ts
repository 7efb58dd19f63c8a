import type { GeneratedImage } from './images.js';
import type { CancelReport } from './report.js';
import type { JobReference } from './snapshot.js';
import { INSPECT, type Inspect } from '../util/inspect.js';
import { compact } from '../util/json.js';

/** Shared base of the library's errors: a literal `name` and `code`, the jobs concerned, and a `toJSON()`. */
export abstract class GenaiCancelError extends Error {
  abstract override readonly name: string;
  /** Stable and literal: compare with this. */
  abstract readonly code: string;
  /** The jobs of the operation. Attach to them, or cancel them, by their names. */
  readonly jobs: readonly JobReference[];

  constructor(message: string, options: ErrorDetails = {}) {
    super(message, options);
    this.jobs = options.jobs ?? [];
  }

  /** Returns a plain object without the stack. It never throws and never holds a key, a header or a prompt. */
  toJSON(): Record<string, unknown> {
    const { name, code, message, jobs } = this;
    const cause = this.cause === undefined ? undefined : describeCause(this.cause);
    return compact({ name, code, message, jobs, cause });
  }
}

/** Makes the error of one job, or of the whole operation: they differ only in the jobs that they name. */
export type FailureFactory = (jobs: readonly JobReference[]) => Error;

/** The jobs that an error concerns, and its cause. */
export interface ErrorDetails {
  readonly jobs?: readonly JobReference[];
  readonly cause?: unknown;
}

abstract class CodedError<Code extends string> extends GenaiCancelError {
  override readonly code: Code;

  constructor(code: Code, message: string, details?: ErrorDetails) {
    super(message, details);
    this.code = code;
  }
}

/** Returns a value that `JSON.stringify` can write, whatever a caller gave as the reason. */
function describeCause(cause: unknown): unknown {
  const seen = new WeakSet();
  const describeField = (_key: string, value: unknown): unknown => {
    if (typeof value === 'bigint') return `${value}n`;
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof Error) return describeCause(value);
    if (seen.has(value)) return '[circular]';
    seen.add(value);
    return value;
  };
  try {
    // An error of the caller's may hold anything in its fields.
    if (cause instanceof Error) {
      const { name, message }: { name: unknown; message: unknown } = cause;
      return { name: String(name), message: String(message) };
    }
    const text = JSON.stringify(cause, describeField) as string | undefined;
    return text === undefined ? String(cause) : (JSON.parse(text) as unknown);
  } catch {
    return `[${typeof cause}]`;
  }
}

/** The failure of a call to the server, as a `cause`. The SDK's own error is not passed on: it holds the API key. */
export class RemoteError extends Error {
  override readonly name = 'RemoteError';
  /** HTTP status of the answer, where there was one. */
  readonly status: number | undefined;
  /** Google's code, such as `model_not_found`; without an answer, the code of the connection error, such as `ECONNREFUSED`. */
  readonly code: string | undefined;

  constructor(message: string, details: { status?: number | undefined; code?: string | undefined } = {}) {
    super(message);
    this.status = details.status;
    this.code = details.code;
  }
}

/**
 * Reason why nothing was started:
 * - `NOT_SENT`: the request never left the process, for example because the connection was refused.
 * - `REJECTED`: the server refused the request. Its answer is the `cause`, a `RemoteError`.
 * - `NOT_CANCELABLE`: `requireCancelable` was given, and the server cannot cancel this.
 * - `MODEL_RETIRED`: Google has shut the model down. The message names the replacement.
 * - `JOURNAL_FAILED`: the journal could not be written before the request.
 * - `CLIENT_CLOSED`: `close()` was called before.
 */
export type NotStartedCode =
  'NOT_SENT' | 'REJECTED' | 'NOT_CANCELABLE' | 'MODEL_RETIRED' | 'JOURNAL_FAILED' | 'CLIENT_CLOSED';

/** Nothing was started: nothing runs, and nothing has to be paid. */
export class NotStartedError extends CodedError<NotStartedCode> {
  override readonly name = 'NotStartedError';
}

/**
 * Reason why the end of a job is unknown:
 * - `RESPONSE_LOST`: the request was sent, and its response was lost. The library does not send it again.
 * - `WATCH_LOST`: no status could be read for `limits.watchMs`. The job was not cancelled.
 * - `TAKEN_OVER`: another process has claimed the operation from the journal, and delivers its images.
 */
export type MayBeRunningCode = 'RESPONSE_LOST' | 'WATCH_LOST' | 'TAKEN_OVER';

/** **Something may be running and being paid for.** `jobs` has its name, or the display name to look for. */
export class MayBeRunningError extends CodedError<MayBeRunningCode> {
  override readonly name = 'MayBeRunningError';
}

/**
 * Way in which the server ended the operation:
 * - `FAILED`: a job failed, ran into a limit, or was cancelled by somebody else.
 * - `RESULT_UNREADABLE`: images were made, and could not be read. `jobs[i].results` says where they are.
 */
export type OperationFailedCode = 'FAILED' | 'RESULT_UNREADABLE';

/** The server ended the operation, and there is no image. `jobs[i].lastStatus` has the server's own words. */
export class OperationFailedError extends CodedError<OperationFailedCode> {
  override readonly name = 'OperationFailedError';
}

/**
 * A trigger cancelled the operation before it had settled. `report.outcome` says whether the cancel won the race.
 * Finished images are in `report.response`. `cause` is the caller's reason, by identity. Name and code are those of the
 * platform's abort errors, so that code which tells aborts from failures keeps working.
 */
export class OperationCancelledError extends GenaiCancelError {
  override readonly name = 'AbortError';
  override readonly code = 'ABORT_ERR';
  /** The confirmed facts about each job. */
  readonly report: CancelReport;

  constructor(report: CancelReport, jobs: GenaiCancelError['jobs']) {
    super(describe(report), { jobs, cause: report.reason });
    this.report = report;
  }

  /** Prints the error without the bytes of the images. @internal */
  [INSPECT](_depth: number, options: object, inspect: Inspect): string {
    return `${this.stack ?? this.message} ${inspect(this.toJSON(), options)}`;
  }

  /** Adds the report. The images of `report.response` are without their bytes. */
  override toJSON(): Record<string, unknown> {
    const { reason, response, ...report } = this.report;
    const images = response && { response: { generatedImages: response.generatedImages.map(withoutBytes) } };
    return { ...super.toJSON(), report: { ...report, reason: describeCause(reason), ...images } };
  }
}

/** Errors end up in logs, where megabytes of base64 are of no use. */
function withoutBytes({ image, ...entry }: GeneratedImage): GeneratedImage {
  if (image === undefined) return entry;
  const { imageBytes, ...rest } = image;
  return { ...entry, image: imageBytes === undefined ? image : rest };
}

function describe({ outcome, trigger, leftovers }: CancelReport): string {
  const names = leftovers.map(({ name }) => name ?? 'a job without a known name').join(', ');
  return `The operation was cancelled by ${trigger}: ${outcome}.${names === '' ? '' : ` May still be running: ${names}.`}`;
}

/** One parameter that cannot be honoured. */
export interface UnsupportedParameter {
  /** Path of the parameter, such as `config.negativePrompt`. */
  readonly parameter: string;
  /** The reason why the backend cannot honour it. */
  readonly why: string;
  /** The alternative. */
  readonly instead: string;
}

/** Parameters that the backend cannot honour, or that do not exist. Nothing was sent. */
export class UnsupportedParameterError extends GenaiCancelError {
  override readonly name = 'UnsupportedParameterError';
  override readonly code = 'UNSUPPORTED_PARAMETER';
  readonly parameters: readonly UnsupportedParameter[];

  constructor(parameters: readonly UnsupportedParameter[]) {
    const wrong = parameters.map((one) => `Expected \`${one.parameter}\` to be left out: ${one.why}. ${one.instead}`);
    super(wrong.join(' '));
    this.parameters = parameters;
  }

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), parameters: this.parameters };
  }
}
