import type { JobStatus } from '../backends/backend.js';
import type { Host } from '../host.js';
import type { Settings } from '../options.js';
import type { OperationRecorder } from '../journal/recorder.js';
import type { WarningCode } from './events.js';
import type { Job } from './job.js';
import type { Timers } from './timers.js';

/** What the parts of one operation's life share. */
export interface OperationContext {
  readonly settings: Settings;
  readonly timers: Timers;
  readonly host: Host;
  /** Writes the operation down; `undefined` without a journal. */
  readonly recorder: OperationRecorder | undefined;
  /** When the operation was started, here or elsewhere, in ms since the epoch. */
  readonly startedAt: number;
  /** Aborts when the operation is asked to stop. Never handed to the SDK. */
  readonly stopped: AbortSignal;
  /** Aborts when the operation has settled. */
  readonly closed: AbortSignal;
  /** Aborts when the library no longer waits for requests that cannot be cancelled. */
  readonly hungUp: AbortSignal;
  /** Aborts when the server has refused to run a job in the background: it would refuse the others too. */
  readonly refused: AbortSignal;
  /** Remembers that the server has refused to run a job in the background. */
  readonly rememberRefusal: () => void;
  /** Counts a create, and the cancel of what it named too late, as open until the returned function is called. */
  readonly awaitAnswer: () => () => void;
  /** Takes in a job that has the display name of another one, until its cancel is over: then the returned function is called. */
  readonly duplicate: (job: Job) => () => void;
  /** A request that cannot be cancelled was answered, or failed: `undefined`. */
  readonly salvage: (job: Job, status: JobStatus | undefined) => void;
  /** Where nobody listens it goes to the console, if `isNews` says that it is worth it. */
  readonly warn: (code: WarningCode, message: string, isNews?: () => boolean) => void;
}
