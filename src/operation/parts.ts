import type { ServerReference } from '../api/snapshot.js';
import type { EventChannel } from './event-channel.js';
import type { OperationContext } from './job/context.js';
import type { Job } from './job/job.js';
import type { Plan } from './job/plan.js';
import type { LateAnswers } from './late-answers.js';
import type { OperationRecorder, RecordStart } from './recorder.js';

/** Facts of an operation that stay the same in each process that attaches to it. */
export interface OperationIdentity {
  readonly id: string;
  readonly tag: string | undefined;
  readonly server: ServerReference;
  /** In ms since the epoch; `undefined` if it is started now. */
  readonly startedAt?: number | undefined;
  readonly record?: RecordStart | undefined;
}

/** State and services that the parts of one operation share: those of its jobs, and some that no job needs. */
export interface OperationParts extends OperationContext {
  readonly plan: Plan;
  readonly identity: OperationIdentity;
  readonly jobs: () => readonly Job[];
  readonly channel: EventChannel;
  readonly late: LateAnswers;
  readonly recorder: OperationRecorder | undefined;
  /** Called after a change that may decide whether the process stays alive, or whether events can still come. */
  readonly changed: () => void;
}
