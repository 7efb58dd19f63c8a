import type { GenerateImagesResponse } from '../images/types.js';
import type { JobReference } from '../operation/job-snapshot.js';

/**
 * What asked to stop: `cancel()`, a `signal` of the caller's, the `timeout`, `dispose` (leaving an `await using` scope, or
 * `close()`), or a process signal by its name.
 */
export type CancelTrigger = 'cancel' | 'signal' | 'timeout' | 'dispose' | ProcessSignal;

/** The process signals that cancel what is in flight. SIGBREAK exists on Windows only. */
export type ProcessSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGBREAK';

/**
 * What came of a stop, for all jobs together. The first that fits:
 *
 * - `unconfirmed`: of at least one job it is not known how it ended; see `leftovers`.
 * - `partially-cancelled`: some were cancelled or not started, some had completed.
 * - `cancelled`: the server said so, and none had completed.
 * - `completed-anyway`: the cancel lost the race; the images are in `response`.
 * - `failed-anyway`: the jobs had failed by themselves.
 * - `not-started`: nothing was sent, or the server refused it.
 * - `not-cancelable`: the backend has no cancel.
 */
export type CancelOutcome =
  | 'not-started'
  | 'cancelled'
  | 'partially-cancelled'
  | 'completed-anyway'
  | 'failed-anyway'
  | 'not-cancelable'
  | 'unconfirmed';

/** What a stop did to one job. */
export interface CancelledJob extends JobReference {
  /** How many cancel requests were sent for it. */
  readonly cancelRequests: number;
  /** When the server took the cancel call (2xx or 499), in ms since the epoch. Proves nothing about the job. */
  readonly acknowledgedAt?: number;
  /** When a status read, or the terminal event of its stream, told how the job ended. */
  readonly confirmedAt?: number;
  readonly error?: Error;
}

/** Token counts as the server reported them, added up over the jobs. */
export interface Usage {
  readonly totalInputTokens?: number;
  readonly totalOutputTokens?: number;
  readonly totalTokens?: number;
  readonly outputImageTokens?: number;
}

/** What is documented of the cost: nothing is guessed. */
export interface Billing {
  /** `none`: nothing was started. `completed-only`, `full`: documented so. `unknown`: nothing is documented. */
  readonly expectation: 'none' | 'completed-only' | 'full' | 'unknown';
  /** Why, in a sentence. */
  readonly basis: string;
  /** Where that is written. */
  readonly source?: string;
  /** What the server reported as used so far. */
  readonly usage?: Usage;
}

/** Something that may still be running and being paid for. */
export interface Leftover {
  readonly name?: string;
  /** The command that stops it, or why there is none. */
  readonly howToCancel: string;
}

/** What the server said came of a stop. */
export interface CancelReport {
  readonly outcome: CancelOutcome;
  /** The first trigger; later ones joined it. */
  readonly trigger: CancelTrigger;
  /** The caller's reason, by identity. It is never sent to the server. */
  readonly reason: unknown;
  readonly jobs: readonly CancelledJob[];
  /** What was finished, and so paid for. */
  readonly response?: GenerateImagesResponse;
  readonly billing: Billing;
  readonly leftovers: readonly Leftover[];
  /** When the stop was asked for, in ms since the epoch. */
  readonly requestedAt: number;
  /** When this report was made, in ms since the epoch. */
  readonly settledAt: number;
}
