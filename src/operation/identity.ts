import type { RecordStart } from './recorder.js';
import type { ServerReference } from '../api/snapshot.js';

/** What stays the same for whoever attaches to an operation. */
export interface OperationIdentity {
  readonly id: string;
  readonly tag: string | undefined;
  readonly server: ServerReference;
  /** In ms since the epoch; `undefined` if it is started now. */
  readonly startedAt: number | undefined;
  /** How it comes to its record in the journal, if there is a journal. */
  readonly record: RecordStart | undefined;
}
