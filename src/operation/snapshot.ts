import type { BackendName, JobReference } from './job-snapshot.js';

/** An operation as plain data: what is needed to find its jobs again. No prompt, key, header or image. */
export interface OperationSnapshot {
  /** Version of this shape. */
  readonly version: 1;
  readonly backend: BackendName;
  readonly model: string;
  /** When it was started, in ms since the epoch. */
  readonly startedAt: number;
  readonly jobs: readonly JobReference[];
}
