import type { BackendName, JobReference } from './job-snapshot.js';

/** An operation as plain data: what is needed to find its jobs again. No prompt, key, header or image. */
export interface OperationSnapshot {
  /** Version of this shape. */
  readonly version: 1;
  /** Unique to the operation, and the same for whoever attaches to it. */
  readonly id: string;
  /** The `tag` option. */
  readonly tag?: string;
  readonly backend: BackendName;
  readonly model: string;
  /** Where its jobs are: names mean nothing elsewhere. */
  readonly server: ServerReference;
  /** When it was started, in ms since the epoch. */
  readonly startedAt: number;
  readonly jobs: readonly JobReference[];
}

/** Which server a client talks to, in the words of its options. */
export interface ServerReference {
  readonly vertexai: boolean;
  /** Scheme, host and port of its base URL, where that is known. */
  readonly origin?: string;
  /** Path of its base URL, which a gateway may tell teams apart by. */
  readonly path?: string;
  /** On Vertex. */
  readonly project?: string;
  /** On Vertex. */
  readonly location?: string;
}
