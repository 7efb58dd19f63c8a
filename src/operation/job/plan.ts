import type { Backend } from '../../google/port.js';
import type { FailureFactory, RemoteError } from '../../api/errors.js';
import type { JobState } from '../../api/snapshot.js';
import type { Warn } from '../../api/events.js';

/** Backend of one operation, and the images that it is to make. */
export interface Plan {
  readonly backend: Backend;
  /** 0 if the number is known only when the images are there. */
  readonly numberOfImages: number;
  readonly existing?: readonly ExistingJob[];
  /** Warns, when the operation begins, of facts that are already known. */
  readonly announce?: (warn: Warn) => void;
  /** Remembers what the server did with a job of the model. */
  readonly observe?: (observed: Observed, at: number) => void;
  /** The number of jobs on the server at a time, if the caller has not chosen one. @default 8 */
  readonly concurrency?: number;
  /** Finds a replacement where the server does not run the model in the background. */
  readonly fallBack?: (refusal: RemoteError, warn: Warn) => Fallback;
}

/** The backend that replaces a refused one, or the error that says why there is none. */
export type Fallback = { readonly backend: Backend } | { readonly failure: FailureFactory };

/** Facts about a model that one of its jobs shows. `cancel-refused`: until the job had ended by itself. */
export type Observed = 'background-refused' | 'cancel-refused' | 'cancel-confirmed';

/** A job that was started before, here or elsewhere. */
export interface ExistingJob {
  readonly backend: Backend;
  /** Which images it makes; none if that is known only when they are there. */
  readonly indices: readonly number[];
  /** The server's name for it, without prefix, if it was ever received. */
  readonly id?: string;
  /** The caller gave the name: the server may deny that there is such a job. */
  readonly isGiven?: boolean;
  readonly displayName?: string;
  /** The names, without prefix, of other jobs that its create is known to have started. */
  readonly duplicates: readonly string[];
  readonly state: JobState;
}
