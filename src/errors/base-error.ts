import type { JobReference } from '../operation/job-snapshot.js';

/** What the errors of this library have in common: a literal `name` and `code`, the jobs concerned, and a `toJSON()`. */
export abstract class GenaiCancelError extends Error {
  abstract override readonly name: string;
  /** Stable and literal: what to compare with. */
  abstract readonly code: string;
  /** The jobs of the operation with their names as far as known: what to attach to, or to cancel, later. */
  readonly jobs: readonly JobReference[];

  constructor(message: string, options: { jobs?: readonly JobReference[]; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.jobs = options.jobs ?? [];
  }

  /** A plain object without the stack, so that `JSON.stringify(error)` is not `{}`. Never holds a key, header or prompt. */
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

/** Errors of the platform have no own enumerable fields: without this they would read `{}`. */
export function describeCause(cause: unknown): unknown {
  return cause instanceof Error ? { name: cause.name, message: cause.message } : cause;
}
