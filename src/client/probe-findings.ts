import type { ProbeAnswer, ProbeQuestion, ProbeReport } from '../api/probe.js';
import type { JobSnapshot } from '../api/snapshot.js';
import { isRunning, type ObservedCall } from '../google/interactions/observed-interaction.js';
import type { Observed } from '../operation/job/plan.js';

/** Two refusals of a cancel that are so far apart are no accident, and a job that runs on for so long was not cancelled. */
const APART_MS = 2_000;
/** Refusals that say nothing about the job: credentials, quotas, and time that ran out. */
const UNRELATED: readonly number[] = [401, 402, 408, 429, 499];

type Calls = readonly ObservedCall[];

const isTaken = ({ httpStatus }: ProbeAnswer): boolean =>
  httpStatus !== null && ((httpStatus >= 200 && httpStatus < 300) || httpStatus === 499);
const isRefused = ({ httpStatus }: ProbeAnswer): boolean =>
  httpStatus !== null && httpStatus >= 400 && httpStatus < 500 && !UNRELATED.includes(httpStatus);
const isAnswer = (call: ProbeAnswer | undefined): boolean => call !== undefined && (isTaken(call) || isRefused(call));

export const callsTo = (wanted: ProbeAnswer['call'], calls: Calls): Calls =>
  calls.filter(({ call }) => call === wanted);

export const isCancelTaken = (calls: Calls): boolean => callsTo('cancel', calls).some(isTaken);

/** Whether the server has told the end, which may be that nothing was started. */
export const isEnded = ({ state }: JobSnapshot): boolean =>
  ['succeeded', 'failed', 'cancelled', 'not-started'].includes(state);

/** Returns which world it is: B where every read of a running job is refused, or every cancel. */
export function worldOf(calls: Calls, job: JobSnapshot, background: ProbeReport['background']): ProbeReport['world'] {
  if (background !== 'accepted') return background === 'refused' ? 'C' : 'unknown';
  const cancels = callsTo('cancel', calls);
  if ((cancels.length > 0 && cancels.every(isRefused)) || isReadable(calls) === false) return 'B';
  return job.state === 'cancelled' ? 'A' : 'unknown';
}

export function settledBy(calls: Calls, job: JobSnapshot, background: ProbeReport['background']): ProbeQuestion[] {
  const [cancel, again] = callsTo('cancel', calls);
  const isCancelled = job.state === 'cancelled';
  const runsOn = callsTo('read', calls).some(
    (read) => isRunning(read) && cancel !== undefined && read.sentAt - cancel.sentAt >= APART_MS,
  );
  const isSettled: Partial<Record<ProbeQuestion, boolean>> = {
    background: background !== 'unknown',
    'read-while-running': isReadable(calls) !== undefined,
    'stream-while-running': isAnswer(callsTo('stream', calls)[0]),
    'cancel-while-running': isCancelled || runsOn || observedBy(calls, job) === 'cancel-refused',
    'cancel-again': isAnswer(again),
    'final-status': isEnded(job) && job.name !== undefined,
    'usage-after-cancel': isCancelled,
  };
  return (Object.keys(isSettled) as ProbeQuestion[]).filter((question) => isSettled[question]);
}

export function settledByStream(calls: Calls): ProbeQuestion[] {
  const [create, last] = [calls[0], calls.at(-1)];
  const isFetched = last?.call === 'read' && isAnswer(last) && !isRunning(last);
  const isBegun = create !== undefined && isTaken(create);
  return [isBegun ? ('id-in-first-event' as const) : [], isFetched ? ('fetch-after-hangup' as const) : []].flat();
}

/** Returns what the end of the job shows of its model. A job that had ended refuses its cancel, too. */
export function observedBy(calls: Calls, job: JobSnapshot): Observed | undefined {
  const cancels = callsTo('cancel', calls);
  const areRefused = cancels.every(isRefused);
  if (job.state === 'cancelled') return areRefused ? undefined : 'cancel-confirmed';
  if (!isEnded(job) || !areRefused) return undefined;
  const lastRunning = callsTo('read', calls).findLast((read) => isRunning(read) || isRefused(read))?.sentAt ?? 0;
  const times = cancels.map(({ sentAt }) => sentAt).filter((at) => at <= lastRunning);
  return Math.max(...times) - Math.min(...times) >= APART_MS ? 'cancel-refused' : undefined;
}

/** Whether the job could be read while it ran; `undefined` if nothing shows that. After a cancel it may run no more. */
function isReadable(calls: Calls): boolean | undefined {
  const cancelled = calls.findIndex((call) => call.call === 'cancel' && isTaken(call));
  const reads = callsTo('read', cancelled === -1 ? calls : calls.slice(0, cancelled));
  if (reads.some(isRunning)) return true;
  return reads.some(isRefused) ? false : undefined;
}
