import type { ProbeAnswer, ProbeQuestion, ProbeReport } from '../api/probe.js';
import type { JobSnapshot } from '../api/snapshot.js';
import { isRunning, type ObservedCall } from '../google/interactions/observed-interaction.js';
import type { Observed } from '../operation/job/plan.js';

/** Two refusals of a cancel that are so far apart are no accident, and a job that runs on for so long was not cancelled. */
const APART_MS = 2_000;
/** Refusals that say nothing about the job: credentials, quotas, and time that ran out. */
const UNRELATED: readonly number[] = [401, 402, 408, 429, 499];

/** All that a probe has seen of its job. */
export interface Sightings {
  readonly calls: readonly ObservedCall[];
  readonly job: JobSnapshot | undefined;
  readonly isBackgroundRefused: boolean;
}

const isTaken = ({ httpStatus }: ProbeAnswer): boolean =>
  httpStatus !== null && ((httpStatus >= 200 && httpStatus < 300) || httpStatus === 499);
const isRefused = ({ httpStatus }: ProbeAnswer): boolean =>
  httpStatus !== null && httpStatus >= 400 && httpStatus < 500 && !UNRELATED.includes(httpStatus);
const isAnswer = (call: ProbeAnswer | undefined): boolean => call !== undefined && (isTaken(call) || isRefused(call));

export const callsTo = (wanted: ProbeAnswer['call'], { calls }: Pick<Sightings, 'calls'>): readonly ObservedCall[] =>
  calls.filter(({ call }) => call === wanted);

export const isCancelTaken = (seen: Pick<Sightings, 'calls'>): boolean => callsTo('cancel', seen).some(isTaken);

export function backgroundOf({ job, isBackgroundRefused }: Sightings): ProbeReport['background'] {
  if (isBackgroundRefused) return 'refused';
  return job?.name === undefined ? 'unknown' : 'accepted';
}

/** Returns whether the server has told the end, which may be that nothing was started. */
export const isEnded = ({ job }: Sightings): boolean =>
  ['succeeded', 'failed', 'cancelled', 'not-started'].includes(job?.state ?? '');

const isCancelled = ({ job }: Sightings): boolean => job?.state === 'cancelled';

/** Returns which world it is: B where every read of a running job is refused, or every cancel. */
export function worldOf(seen: Sightings): ProbeReport['world'] {
  const background = backgroundOf(seen);
  if (background !== 'accepted') return background === 'refused' ? 'C' : 'unknown';
  const cancels = callsTo('cancel', seen);
  if ((cancels.length > 0 && cancels.every(isRefused)) || isReadable(seen) === false) return 'B';
  return isCancelled(seen) ? 'A' : 'unknown';
}

/** Returns the questions that this run has answered. */
export function settledBy(seen: Sightings): readonly ProbeQuestion[] {
  const [cancel, again] = callsTo('cancel', seen);
  const runsOn = callsTo('read', seen).some(
    (read) => isRunning(read) && cancel !== undefined && read.sentAt - cancel.sentAt >= APART_MS,
  );
  const isSettled: Partial<Record<ProbeQuestion, boolean>> = {
    background: backgroundOf(seen) !== 'unknown',
    'read-while-running': isReadable(seen) !== undefined,
    'stream-while-running': isAnswer(callsTo('stream', seen)[0]),
    'cancel-while-running': isCancelled(seen) || runsOn || observedBy(seen) === 'cancel-refused',
    'cancel-again': isAnswer(again),
    'final-status': isEnded(seen) && seen.job?.name !== undefined,
    'usage-after-cancel': isCancelled(seen),
  };
  return (Object.keys(isSettled) as ProbeQuestion[]).filter((question) => isSettled[question]);
}

/** Returns the questions that a streamed job has answered. */
export function settledByStream(calls: readonly ObservedCall[]): readonly ProbeQuestion[] {
  const last = calls.at(-1);
  const isFetched = last?.call === 'read' && isAnswer(last) && !isRunning(last);
  const [create] = calls;
  return [
    create !== undefined && isTaken(create) ? (['id-in-first-event'] as const) : [],
    isFetched ? (['fetch-after-hangup'] as const) : [],
  ].flat();
}

/** Returns what the end of the job shows of its model. A job that had ended refuses its cancel, too. */
export function observedBy(seen: Sightings): Observed | undefined {
  const cancels = callsTo('cancel', seen);
  if (isCancelled(seen)) return cancels.every(isRefused) ? undefined : 'cancel-confirmed';
  if (!isEnded(seen) || !cancels.every(isRefused)) return undefined;
  const lastRunning = callsTo('read', seen).findLast((read) => isRunning(read) || isRefused(read))?.sentAt ?? 0;
  const times = cancels.map(({ sentAt }) => sentAt).filter((at) => at <= lastRunning);
  return Math.max(...times) - Math.min(...times) >= APART_MS ? 'cancel-refused' : undefined;
}

/** Whether the job could be read while it ran; `undefined` if nothing shows that. After a cancel it may run no more. */
function isReadable({ calls }: Sightings): boolean | undefined {
  const cancelled = calls.findIndex((call) => call.call === 'cancel' && isTaken(call));
  const reads = callsTo('read', { calls: cancelled === -1 ? calls : calls.slice(0, cancelled) });
  if (reads.some(isRunning)) return true;
  return reads.some(isRefused) ? false : undefined;
}
