import type { GenerateImagesResponse, Image } from '../images/types.js';
import type { CancelReport, CancelTrigger } from '../stop/report.js';
import type { JobSnapshot } from './job-snapshot.js';

/**
 * Where an operation stands. The last four are final: `succeeded`, `failed`, `cancelled` (the server said so, or nothing
 * had been started), `abandoned` (stopped, but what came of it is not confirmed).
 */
export type OperationState =
  'submitting' | 'queued' | 'running' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled' | 'abandoned';

/** Codes of the `warning` event. */
export type WarningCode =
  | 'not-cancelable'
  | 'model-migrated'
  | 'job-failed'
  | 'late-job'
  | 'late-job-uncancelled'
  | 'create-repeated'
  | 'twin-cancelled'
  | 'twin-uncancelled'
  | 'cancel-reversed'
  | 'unknown-status'
  | 'status-unreadable'
  | 'image-not-fetched'
  | 'results-elsewhere'
  | 'journal-failed';

/** The events of an operation and their payloads. Each has `at`, in milliseconds since the epoch. */
export interface OperationEvents {
  /** Every job was accepted: all names are known. */
  submitted: { readonly at: number; readonly jobs: readonly JobSnapshot[] };
  state: { readonly at: number; readonly from: OperationState; readonly to: OperationState };
  /**
   * A job ended, or the server has told how far it is: `completed` of `total` have given an image or a refusal, `elapsedMs`
   * after the start. Of a batch on Vertex `total` is 0 as long as the server has not counted its rows.
   */
  progress: { readonly at: number; readonly completed: number; readonly total: number; readonly elapsedMs: number };
  /** An image is there, while others may still be in the making. Those that are salvaged come after `settled`. */
  image: { readonly at: number; readonly index: number; readonly image: Image };
  /** The first trigger: the cancel calls of all named jobs have been handed to the SDK. `reason` is the caller's, by identity. */
  cancelling: { readonly at: number; readonly trigger: CancelTrigger; readonly reason: unknown };
  /** Something to know that does not end the operation. One that nobody listens for goes to `console.warn`. */
  warning: { readonly at: number; readonly code: WarningCode; readonly message: string };
  /** The end: fires once. Only a `late-job` warning, and images that are salvaged, can come after it. */
  settled: {
    readonly at: number;
    readonly state: OperationState;
    readonly response?: GenerateImagesResponse;
    readonly error?: Error;
    readonly report?: CancelReport;
  };
}

/** What `events()` yields: the payloads of `OperationEvents` with their name as `type`. */
export type OperationEvent = {
  readonly [Name in keyof OperationEvents]: { readonly type: Name } & OperationEvents[Name];
}[keyof OperationEvents];
