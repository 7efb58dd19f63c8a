import type { GenerateImagesResponse, Image } from './images.js';
import type { CancelReport, CancelTrigger, Usage } from './report.js';
import type { JobSnapshot } from './snapshot.js';
import { expectOneOf } from '../util/expected.js';

/**
 * State of an operation. The last four are final: `succeeded`, `failed`, `cancelled` (a trigger cancelled it, and the end of
 * every job is known), `abandoned` (the end of a job is unknown). `result()` resolves if and only if it is `succeeded`.
 */
export type OperationState =
  'submitting' | 'queued' | 'running' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled' | 'abandoned';

/**
 * Codes of the `warning` event:
 * - `not-cancelable`: the server cannot cancel the requests for this model.
 * - `waiting`: the server takes no request now; the message says how long the library waits.
 * - `extra-image`: there are more images than were asked for; their indexes follow the last one.
 * - `job-failed`: a job has no image; the others go on.
 * - `may-be-running`: a late job's cancel could not be confirmed.
 * - `late-job-cancelled`: a job's name came when its operation had stopped waiting; the library cancelled the job.
 * - `unknown-status`: the server reports a status that is not documented.
 * - `status-unreadable`: the status of a job cannot be read; the library keeps trying.
 * - `job-denied`: the server knows no job of the name that was given; the library keeps trying.
 * - `image-not-handed-over`: `onImage` failed. The image is in the response, or can be fetched by the job's name.
 * - `image-not-fetched`: images were made and are in another place; `jobs[i].results` says where.
 * - `journal-failed`: the journal cannot be written; the operation goes on.
 * - `duplicate-job`: several batches have the display name of one create; the library cancels all but one.
 * - `no-process-signals`: this thread gets no process signals, so that none of them cancels.
 * - `webhook-ignored`: the webhook is left out of requests that the server cannot cancel: none is called for them.
 */
export type WarningCode =
  | 'not-cancelable'
  | 'waiting'
  | 'extra-image'
  | 'job-failed'
  | 'may-be-running'
  | 'late-job-cancelled'
  | 'unknown-status'
  | 'status-unreadable'
  | 'job-denied'
  | 'image-not-fetched'
  | 'image-not-handed-over'
  | 'journal-failed'
  | 'duplicate-job'
  | 'no-process-signals'
  | 'webhook-ignored';

/** The events of an operation and their payloads. Each has `at`, in milliseconds since the epoch. */
export interface OperationEvents {
  /** All jobs that may be sent at first were accepted. It fires again when later jobs get their names. */
  submitted: { readonly at: number; readonly jobs: readonly JobSnapshot[] };
  state: { readonly at: number; readonly from: OperationState; readonly to: OperationState };
  /**
   * A job ended, or the server has told how far it is: `completed` of `total` have given an image or a refusal, `elapsedMs`
   * after the start. Of a batch on Vertex `total` is 0 as long as the server has not counted its rows.
   */
  progress: { readonly at: number; readonly completed: number; readonly total: number; readonly elapsedMs: number };
  /** An image was made; others may still be in the making. Requests that cannot be cancelled may deliver after `settled`. */
  image: { readonly at: number; readonly index: number; readonly image: Image };
  /** The first trigger: the cancel calls of all named jobs have been handed to the SDK. `reason` is the caller's, by identity. */
  cancelling: { readonly at: number; readonly trigger: CancelTrigger; readonly reason: unknown };
  /** A fact that does not end the operation. Without a listener it goes to `console.warn`. */
  warning: { readonly at: number; readonly code: WarningCode; readonly message: string };
  /** The end: fires once. Only `warning` (late names) and `image` (requests that cannot be cancelled) may come after it. */
  settled: {
    readonly at: number;
    readonly state: OperationState;
    readonly response?: GenerateImagesResponse;
    readonly error?: Error;
    readonly report?: CancelReport;
    readonly usage?: Usage;
  };
}

type EventName = keyof OperationEvents;
const NAMES: EventName[] = ['submitted', 'state', 'progress', 'image', 'cancelling', 'warning', 'settled'];

/** Throws for a name that no event has: its listener would never be called. */
export function expectEventName(name: unknown): void {
  expectOneOf('name', name ?? '', NAMES);
}

/** An event that `events()` yields: a payload of `OperationEvents`, with its name as `type`. */
export type OperationEvent = {
  readonly [Name in EventName]: { readonly type: Name } & OperationEvents[Name];
}[EventName];

/** Publishes a warning. Without a listener it goes to the console, if `isNews` returns `true`. */
export type Warn = (code: WarningCode, message: string, isNews?: () => boolean) => void;

export type EventListener<Name extends EventName> = (payload: OperationEvents[Name]) => void;
