import type { JobStatus } from '../backends/backend.js';
import type { Settings } from '../options.js';
import type { Warn } from './events.js';
import type { Job } from './job.js';
import type { Refable, Timers } from './timers.js';

/** What the parts of one operation's life share. */
export interface OperationContext {
  readonly settings: Settings;
  readonly timers: Timers;
  readonly track: TrackConnection;
  /** Records the operation; `undefined` without a journal. */
  readonly recorder: JobRecorder | undefined;
  /** When the operation was started, here or elsewhere, in ms since the epoch. */
  readonly startedAt: number;
  /** Aborts when the operation is asked to stop. Never handed to the SDK. */
  readonly stopped: AbortSignal;
  /** Aborts when the operation has settled. */
  readonly closed: AbortSignal;
  /** Calls back when the library no longer waits for requests that cannot be cancelled. Returns how to drop that. */
  readonly onHangUp: (hangUp: () => void) => () => void;
  /** Whether another backend can make the images of a job that the server does not run in the background. */
  readonly canFallBack: () => boolean;
  /** Counts a create as unanswered until the returned function is called. */
  readonly awaitAnswer: () => () => void;
  /** A request that cannot be cancelled was answered, or failed: `undefined`. */
  readonly salvage: (job: Job, status: JobStatus | undefined) => void;
  /** Where nobody listens it goes to the console, if `isNews` says that it is worth it. */
  readonly warn: Warn;
}

/** Makes a request and hands its connection to `add`, which returns how to take it out again. */
export type TrackConnection = <T>(request: () => T, add: (connection: Refable) => () => void) => T;

/** The journal, as far as a job needs it. */
export interface JobRecorder {
  /** Resolves when the record says that the create of this job may be on its way. Rejects with `JOURNAL_FAILED`. */
  beforeCreate(job: Job): Promise<void>;
  /** The create was answered, or will never be. */
  afterCreate(job: Job): void;
  /** A name arrived after the operation had settled. */
  lateName(job: Job, name: string): void;
  /** The server has confirmed the end of a late job. */
  lateEnd(job: Job): void;
  /** The create of this job has started another one, too. */
  duplicate(job: Job, name: string): void;
  duplicateDone(name: string, isEnded: boolean): void;
  /** Returns a promise if the lease has run out: another process may have the operation by now. */
  check(): Promise<void> | undefined;
}
