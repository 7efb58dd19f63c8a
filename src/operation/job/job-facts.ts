import type { FailureFactory } from '../../api/errors.js';
import type { JobState } from '../../api/snapshot.js';
import type { JobOutput, JobStatus } from '../../google/port.js';
import { cancelledElsewhere, endOf, isOlder, stateOfEnd, type JobEnd } from './job-end.js';

/** Two refusals of a cancel that are so far apart are no accident. */
const REFUSALS_APART_MS = 2_000;

/** Everything that is known of one job. Only `next()` makes new facts. Times are in ms since the epoch, if not said otherwise. */
export interface JobFacts {
  readonly state: JobState;
  /** The server's name for it, without prefix. */
  readonly id?: string;
  /** It has one of the places that an operation has on the server. */
  readonly isAdmitted: boolean;
  /** A request for it may have left the process. */
  readonly wasSent: boolean;
  readonly status?: JobStatus;
  readonly observedAt?: number;
  readonly usage?: JobStatus['usage'];
  readonly end?: JobEnd;
  readonly confirmedAt?: number;
  /** Images that it made beyond the planned ones. */
  readonly extras: readonly JobOutput[];
  readonly cancelRequests: number;
  readonly acknowledgedAt?: number;
  /** In the time of `Timers.elapsed()`. */
  readonly firstRefusalAt?: number;
  /** The server refused its cancel twice, at least 2 s apart. */
  readonly isRefusedAgain: boolean;
  readonly deniedReads: number;
  readonly isCancelDenied: boolean;
  readonly withdrawal?: FailureFactory;
}

export type JobEvent =
  | { readonly type: 'admitted' | 'cancel-sent' | 'cancel-denied' | 'read-denied' }
  /** `returned`: nothing of it is on the server. `handed-over`: the transport has a request that never gets a name. */
  | { readonly type: 'sent' | 'returned' | 'handed-over' }
  /** `found`: the name came without a status, from a list. */
  | { readonly type: 'named' | 'found'; readonly id: string }
  | { readonly type: 'observed'; readonly status: JobStatus; readonly at: number }
  | { readonly type: 'cancel-acknowledged' | 'cancel-refused'; readonly at: number }
  /** Once the server confirms its cancel, it counts as not started, for this reason. */
  | { readonly type: 'withdrawn'; readonly withdrawal: FailureFactory }
  | { readonly type: 'ended'; readonly end: JobEnd };

export const noFacts: JobFacts = {
  state: 'waiting',
  isAdmitted: false,
  wasSent: false,
  extras: [],
  cancelRequests: 0,
  isRefusedAgain: false,
  deniedReads: 0,
  isCancelDenied: false,
};

/** Returns the facts after an event. The first end is the truth and stays. `planned`: the number of images, if it is known. */
export function next(facts: JobFacts, event: JobEvent, planned: number): JobFacts {
  switch (event.type) {
    case 'admitted':
      return { ...facts, isAdmitted: true };
    case 'sent':
      return moved({ ...facts, wasSent: true }, 'submitting');
    case 'returned':
      return moved(facts, 'waiting');
    case 'handed-over':
      return moved(facts, 'running');
    case 'named':
    case 'found':
      return moved({ ...facts, id: event.id }, 'queued');
    case 'observed':
      return observed(facts, event.status, event.at, planned);
    case 'cancel-sent':
      return { ...facts, cancelRequests: facts.cancelRequests + 1 };
    case 'cancel-acknowledged':
      return { ...facts, acknowledgedAt: facts.acknowledgedAt ?? event.at };
    case 'cancel-refused':
      return refused(facts, event.at);
    case 'cancel-denied':
      return { ...facts, isCancelDenied: true };
    case 'read-denied':
      return { ...facts, deniedReads: facts.deniedReads + 1 };
    case 'withdrawn':
      return { ...facts, withdrawal: event.withdrawal };
    case 'ended':
      return ended(facts, event.end);
  }
}

/** A job that has ended keeps the state of its end: an event may be late. */
function moved(facts: JobFacts, state: JobState): JobFacts {
  return facts.end === undefined ? { ...facts, state } : facts;
}

export function describeEvent(event: JobEvent): string {
  if (event.type === 'observed') return `status ${event.status.status}`;
  if (event.type === 'ended') return `ended as ${event.end.kind}`;
  return event.type === 'sent' ? 'create sent' : event.type.replaceAll('-', ' ');
}

function refused(facts: JobFacts, at: number): JobFacts {
  const firstRefusalAt = facts.firstRefusalAt ?? at;
  return { ...facts, firstRefusalAt, isRefusedAgain: facts.isRefusedAgain || at - firstRefusalAt >= REFUSALS_APART_MS };
}

function observed(facts: JobFacts, status: JobStatus, at: number, planned: number): JobFacts {
  if (facts.end !== undefined || isOlder(status, facts.status)) return facts;
  const { phase, usage = facts.usage } = status;
  const isFurther = phase === 'running' || (phase === 'queued' && facts.state !== 'running');
  const seen: JobFacts = {
    ...facts,
    status,
    observedAt: at,
    ...(usage === undefined ? {} : { usage }),
    state: isFurther ? phase : facts.state,
  };
  const end = endOf(status);
  if (end === undefined) return seen;
  const confirmed = { ...seen, confirmedAt: at };
  if (end.kind === 'cancelled') return ended(confirmed, cancelledEndOf(facts));
  if (end.kind !== 'completed' || planned === 0) return ended(confirmed, end);
  const extras = end.outputs.slice(planned);
  return ended({ ...confirmed, extras }, { ...end, outputs: end.outputs.slice(0, planned) });
}

function cancelledEndOf({ withdrawal, cancelRequests }: JobFacts): JobEnd {
  if (withdrawal !== undefined) return { kind: 'not-started', failure: withdrawal };
  return cancelRequests > 0 ? { kind: 'cancelled' } : { kind: 'cancelled', failure: cancelledElsewhere };
}

function ended(facts: JobFacts, end: JobEnd): JobFacts {
  return { ...moved(facts, stateOfEnd[end.kind]), end: facts.end ?? end };
}
