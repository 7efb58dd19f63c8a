import type { Latch } from '../../util/latch.js';
import type { JobStatus } from '../../google/port.js';
import type { Settings } from '../../api/options.js';
import type { BackendName } from '../../api/job-name.js';
import type { Warn } from '../../api/events.js';
import type { Crowd } from './crowd.js';
import type { Debug, Job } from './job.js';
import type { Refable, Timers } from '../../util/timers.js';

/** State and services that the jobs of one operation share. */
export interface OperationContext {
  readonly settings: Settings;
  readonly timers: Timers;
  readonly track: TrackConnection;
  readonly crowd: Crowd;
  /** Scheme, host and port of the API; `undefined` where they are not known. */
  readonly origin: string | undefined;
  /** When `timeoutMs` is over, in the time of `Timers.elapsed()`. */
  readonly timeoutEndsAt: number;
  /** Until when a backend takes no requests of this operation, in the time of `Timers.elapsed()`. */
  readonly pausedUntil: Map<BackendName, number>;
  readonly recorder: JobRecorder | undefined;
  /** When the operation was started, here or elsewhere, in ms since the epoch. */
  readonly startedAt: number;
  /** Aborts when the operation is asked to stop. Never handed to the SDK. */
  readonly stopped: Latch;
  readonly closed: Latch;
  /** Aborts when the library no longer waits for requests that cannot be cancelled. */
  readonly hungUp: Latch;
  /** Aborts when the server has refused to run a job in the background: it would refuse the others too. */
  readonly refused: Latch;
  readonly rememberRefusal: () => void;
  /** Counts a create, and the cancel of what it named too late, as open until the returned function is called. */
  readonly awaitAnswer: () => () => void;
  /** Counts a job among those of the operation that it did not ask for. Call the returned function when its cancel is over. */
  readonly duplicate: (job: Job) => () => void;
  /** Returns whether anybody is given an image that comes now, for the place of a job. */
  readonly takesImages: (job: Job) => boolean;
  /** Takes the images of a duplicate. They fill the places that the job has left empty; the rest are extra. */
  readonly spare: (job: Job, duplicate: Job) => void;
  /** A request that cannot be cancelled was answered, or failed: `undefined`. */
  readonly salvage: (job: Job, status: JobStatus | undefined) => void;
  /** Warns the listeners. Without any, the warning goes to the console, if `isNews` agrees. */
  readonly warn: Warn;
  readonly debug: Debug;
}

/**
 * Makes a request and hands its connection to `add`, which returns how to take it out again. Where the runtime can tell, it
 * `notes` that the transport has taken a request to an origin, and then that it writes it.
 */
export type TrackConnection = <T>(
  request: () => T,
  add: (connection: Refable) => () => void,
  note?: (origin: string, isWritten: boolean) => void,
) => T;

export interface JobRecorder {
  /** Resolves when the record says that the create of this job may be on its way. Rejects with `JOURNAL_FAILED`. */
  beforeCreate(job: Job): Promise<void>;
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
