import type { Backend } from '../google/port.js';
import type { Job } from './job/job.js';
import type { RecordStart } from './recorder.js';
import type { OperationSnapshot, ServerReference } from '../api/snapshot.js';

/** Facts of an operation that stay the same in each process that attaches to it. */
export interface OperationIdentity {
  readonly id: string;
  readonly tag: string | undefined;
  readonly server: ServerReference;
  /** In ms since the epoch; `undefined` if it is started now. */
  readonly startedAt: number | undefined;
  /** How it comes to its record in the journal, if there is a journal. */
  readonly record: RecordStart | undefined;
}

export function snapshotOf(
  { id, tag, server }: OperationIdentity,
  { name: backend, model }: Backend,
  startedAt: number,
  jobs: readonly Job[],
): OperationSnapshot {
  const references = jobs.map((job) => job.reference());
  return { version: 1, id, ...(tag === undefined ? {} : { tag }), backend, model, server, startedAt, jobs: references };
}
