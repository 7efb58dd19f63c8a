import type { Image } from '../api/images.js';
import type { BackendName } from '../api/job-name.js';
import type { Webhook } from '../api/options.js';
import type { FailureFactory } from '../api/errors.js';
import type { Billing, Usage } from '../api/report.js';

/**
 * Meaning of a status, whatever API it came from. `stopped` is neither running nor finished: the server waits for input that
 * will never come. `unknown` is a status that is not documented: the library goes on watching it.
 */
export type JobPhase = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'stopped' | 'unknown';

/** Outcome of one image of a job that has ended. */
export type JobOutput =
  | { readonly image: Image }
  | { readonly refusal: string }
  | { readonly failure: string }
  | { readonly cancelled: true }
  /** It was made, and lies at this address: it was not read from there. */
  | { readonly elsewhere: string };

export interface JobStatus {
  /** The name within the backend, without its `interactions/` prefix. */
  readonly id: string;
  readonly status: string;
  readonly phase: JobPhase;
  /** Present when the job succeeded and this answer holds its images: an entry for each of them, in order. */
  readonly outputs?: readonly JobOutput[];
  /** The outputs to come, as far as they are known, while they are being fetched from elsewhere. */
  readonly pending?: readonly JobOutput[];
  /** Why outputs are left `elsewhere`. Without it, they were not meant to be fetched. */
  readonly notFetched?: FailureFactory;
  /** The address to which the server writes the images, if that is not its own answer. */
  readonly results?: string;
  readonly progress?: { readonly completed: number; readonly total: number };
  readonly message?: string;
  readonly usage?: Usage;
}

/** One event of a status stream, reduced to what the life cycle uses. */
export interface StatusEvent {
  /** The position to resume the stream from after this event. */
  readonly eventId?: string;
  /** `false` for rubbish: it shows that bytes arrive, not that the server speaks sense. */
  readonly understood: boolean;
  readonly status?: JobStatus;
  /** The server signalled something that only a status read can tell. */
  readonly readAgain?: boolean;
}

export interface StatusStream {
  /** The next event; `undefined` when the server has ended the stream. */
  next(): Promise<StatusEvent | undefined>;
  /** Closes the connection. Never throws, may be called again. */
  close(): void;
}

/** A cancel call that needs nothing but `fetch`: for the moment when nothing asynchronous can be waited for any more. */
export interface PreparedCancel {
  readonly name: string;
  readonly url: string;
  readonly method: 'POST';
  readonly headers: Readonly<Record<string, string>>;
}

/** Makes the cancel call of a job, in the same turn. */
export type CancelTemplate = (id: string) => PreparedCancel;

/** Calls of the life cycle: each is one HTTP request. They reject with a `CallFailure`. Statuses hold no secrets. */
export type Backend = CancelableBackend | FireAndForgetBackend;

interface CommonBackend {
  readonly name: BackendName;
  readonly model: string;
  /** Deals the images out to jobs. A job that only learns from its outputs how many there are has none. */
  plan(indices: readonly number[]): readonly (readonly number[])[];
  /** Tells what may have come of a request whose answer was lost, and whether it can be found. */
  lostHint(displayName: string): string;
  /** Returns advice for a refusal with this HTTP status, to be appended to the message. */
  hint?(status: number | undefined): string;
}

/** Its jobs have a name, can be watched, and can be cancelled on the server. */
export interface CancelableBackend extends CommonBackend {
  readonly cancelable: true;
  /** Time between two status reads where the caller has not chosen one. */
  readonly pollIntervalMs: number;
  /** Whether its server takes one cancel only. Another is sent only if the first may not have arrived. */
  readonly cancelOnce?: boolean;
  readonly cancelBilling?: Billing;
  nameOf(id: string): string;
  /** Starts a job. Cannot be aborted: the answer names a job that costs money. `displayName` is unique to it. */
  create(indices: readonly number[], displayName: string, webhook?: Webhook): Promise<JobStatus>;
  read(id: string, timeoutMs: number, indices: readonly number[]): Promise<JobStatus>;
  /** Opens the status stream after `lastEventId`, or from its beginning. Not every API has one. */
  stream?(id: string, lastEventId: string | undefined): Promise<StatusStream>;
  /** The ids of the jobs that were created with this display name. Not every API can list. */
  find?(displayName: string): Promise<readonly string[]>;
  /** Asks the server to cancel. Resolves when the call was delivered, which says nothing about the job. */
  cancel(id: string, timeoutMs: number): Promise<void>;
  /** The cancel calls as plain data, with the credentials of now; `undefined` if they cannot be known. */
  prepareCancel(): Promise<CancelTemplate | undefined>;
}

/** One request that answers with the images. It has no name, and nothing can stop it on the server. */
export interface FireAndForgetBackend extends CommonBackend {
  readonly cancelable: false;
  /** Makes these images. An abort of `signal` closes the connection, which the server does not notice. */
  run(indices: readonly number[], signal: AbortSignal): Promise<JobStatus>;
}
