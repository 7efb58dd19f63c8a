import type { GenerateImagesResponse } from './images.js';
import type { JobReference } from './snapshot.js';

/** Source of a cancel. `signal` is an `AbortSignal`; `dispose` is an `await using` scope that was left, or `close()`. */
export type CancelTrigger = 'cancel' | 'signal' | 'timeout' | 'dispose' | ProcessSignal;

/** Name of a process signal, such as `SIGINT`. */
export type ProcessSignal = `SIG${string}`;

/**
 * Outcome of a cancel, counted by images. The first one that applies:
 * - `unconfirmed`: the end of at least one job, or of a request whose response was lost, is unknown; see `leftovers`.
 * - `not-cancelable`: at least one request that cannot be cancelled still runs.
 * - `partially-cancelled`: some images completed, and some were cancelled or never started.
 * - `completed-anyway`: the cancel lost the race; the images are in `response`.
 * - `cancelled`: the server confirmed it, and no image had completed.
 * - `failed-anyway`: the jobs had failed by themselves.
 * - `not-started`: the server rejected every request, or none was sent.
 */
export type CancelOutcome =
  | 'not-started'
  | 'cancelled'
  | 'partially-cancelled'
  | 'completed-anyway'
  | 'failed-anyway'
  | 'not-cancelable'
  | 'unconfirmed';

/** One job, and the facts about its cancel. */
export interface CancelledJob extends JobReference {
  /** Number of cancel requests that were passed to the transport. */
  readonly cancelRequests: number;
  /** When the server acknowledged the cancel call (2xx or 499), in ms since the epoch. It proves nothing about the job. */
  readonly acknowledgedAt?: number;
  /** When a status read, or the terminal event of the stream, told how the job ended, in ms since the epoch. */
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

/** The documented facts about the cost. Nothing is guessed. */
export interface Billing {
  /** `none`: nothing was started. `completed-only` and `full` are documented. `unknown`: nothing is documented. */
  readonly expectation: 'none' | 'completed-only' | 'full' | 'unknown';
  /** The reason, in a sentence. */
  readonly basis: string;
  /** The document that says so. */
  readonly source?: string;
  /** Tokens that the server has reported. */
  readonly usage?: Usage;
}

/** Numbers of images, by what became of them. */
export interface ImageCounts {
  /** Completed: with an image, or with the model's refusal. */
  readonly made: number;
  readonly cancelled: number;
  readonly failed: number;
  /** May still be made, and be paid for. */
  readonly running: number;
  /** Never sent, or rejected by the server. They cost nothing. */
  readonly notSent: number;
}

/** A job that may still be running and being paid for. */
export interface Leftover {
  readonly name?: string;
  /** The command that cancels it, or the reason why there is none. */
  readonly howToCancel: string;
}

/** The confirmed result of a cancel. */
export interface CancelReport {
  readonly outcome: CancelOutcome;
  /** The first trigger; later ones joined it. */
  readonly trigger: CancelTrigger;
  /** The caller's reason, by identity. It is never sent to the server. */
  readonly reason: unknown;
  readonly jobs: readonly CancelledJob[];
  readonly counts: ImageCounts;
  /** Finished images. They are paid for. */
  readonly response?: GenerateImagesResponse;
  readonly billing: Billing;
  readonly leftovers: readonly Leftover[];
  /** When the trigger came, in ms since the epoch. */
  readonly requestedAt: number;
  /** When this report was made, in ms since the epoch. */
  readonly settledAt: number;
}
