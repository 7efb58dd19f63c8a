import type { JobReference } from '../job-snapshot.js';

/** Shared base of the library's errors: a literal `name` and `code`, the jobs concerned, and a `toJSON()`. */
export abstract class GenaiCancelError extends Error {
  abstract override readonly name: string;
  /** Stable and literal: compare with this. */
  abstract readonly code: string;
  /** The jobs of the operation. Attach to them, or cancel them, by their names. */
  readonly jobs: readonly JobReference[];

  constructor(message: string, options: ErrorDetails = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.jobs = options.jobs ?? [];
  }

  /** Returns a plain object without the stack. It never throws and never holds a key, a header or a prompt. */
  toJSON(): Record<string, unknown> {
    return {
      name: this.name,
      code: this.code,
      message: this.message,
      jobs: this.jobs,
      ...(this.cause === undefined ? {} : { cause: describeCause(this.cause) }),
    };
  }
}

/** Makes the error of one job, or of the whole operation: they differ only in the jobs that they name. */
export type FailureFactory = (jobs: readonly JobReference[]) => Error;

/** The jobs that an error concerns, and its cause. */
export interface ErrorDetails {
  readonly jobs?: readonly JobReference[];
  readonly cause?: unknown;
}

/** Returns a value that `JSON.stringify` can write, whatever a caller gave as the reason. */
export function describeCause(cause: unknown): unknown {
  try {
    if (cause instanceof Error) return { name: textOf(cause.name), message: textOf(cause.message) };
    const text = JSON.stringify(cause) as string | undefined;
    return text === undefined ? String(cause) : (JSON.parse(text) as unknown);
  } catch {
    return describeByKind(cause);
  }
}

/** An error of the caller's may hold anything in its fields. */
function textOf(value: unknown): string {
  return String(value);
}

function describeByKind(cause: unknown): string {
  return typeof cause === 'bigint' ? `${cause}n` : `[${typeof cause}]`;
}
