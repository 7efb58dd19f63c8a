import { failureOf, type CallFailure } from '../../google/failures.js';
import { isCancelable, type CancelableJob, type Job } from './job.js';
import { retry } from './retry.js';
import { NoAnswerError } from '../../util/timers.js';
import type { OperationContext } from './context.js';

/** A cancelled job is asked once more if it still runs so long after it was acknowledged. */
const ASK_AGAIN_MS = 2_000;
/** Pauses before a cancel is sent again that was answered by a refusal. */
const PAUSES_MS = [1_000, 2_000, 4_000] as const;
/** Without an answer, the cancel is sent again after this time: one lost answer must not use up the whole budget. */
const TRY_MS = 2_000;
/** Without an answer to the cancel call, the status is read after this time. */
const READ_ANYWAY_MS = 1_000;

type CancelContext = Pick<OperationContext, 'timers' | 'crowd' | 'settings' | 'debug'>;

const cancels = new WeakMap<Job, Promise<void>>();

/**
 * Cancels one job on the server, once: a later call joins the first one. When the name is known, the call has been handed to
 * the SDK before this returns; else it is sent as soon as the create is answered. The job's watcher confirms the end: this
 * makes it read sooner. Resolves when there is nothing more to send. Never rejects.
 */
export function cancelJob(job: Job, context: CancelContext): Promise<void> {
  const cancel = cancels.get(job) ?? cancelOnce(job, context);
  cancels.set(job, cancel);
  return cancel;
}

async function cancelOnce(job: Job, context: CancelContext): Promise<void> {
  if (job.end !== undefined || !isCancelable(job)) return;
  if (job.id === undefined) await job.named.promise.catch(() => undefined);
  if (job.id === undefined || job.cancelOver.aborted) return;
  const drop = context.timers.after(READ_ANYWAY_MS, () => job.hurried.abort());
  await deliver(job, context);
  drop();
}

/** Meaning of the answer to a cancel call, which never says anything about the job. `final`: another call is no use. */
type CancelAnswer = 'acknowledged' | 'doubtful' | 'final';

/** A server has been seen to answer these while the job runs. */
const doubtful: readonly number[] = [400, 403, 404, 409];

/** Asks again: once if it was acknowledged and the job runs on, and otherwise as long as a refusal cannot be trusted. */
async function deliver(job: CancelableJob, context: CancelContext): Promise<void> {
  const { cancelOver: over, backend } = job;
  const { timers, crowd } = context;
  const left = crowd.enterCancel();
  const pauses = [...PAUSES_MS];
  let acknowledgements = 0;
  while (!over.aborted) {
    const answer = await ask(job, context, left);
    job.hurried.abort();
    if (answer === 'acknowledged') acknowledgements++;
    const isDone = acknowledgements === 2 || (acknowledgements === 1 && backend.cancelOnce === true);
    const pauseMs = answer === 'acknowledged' ? ASK_AGAIN_MS : pauses.shift();
    if (isDone || answer === 'final' || pauseMs === undefined) return;
    const askedAt = timers.now();
    await timers.sleep(pauseMs, over);
    if (answer === 'acknowledged') await untilRead(job, context, askedAt);
    if (backend.cancelOnce === true && job.lastStatus?.endsWith('CANCELLING') === true) return;
  }
}

/** In a crowd, an acknowledged job is asked again only if a later status says that it runs on. */
async function untilRead(job: CancelableJob, { timers, crowd }: CancelContext, askedAt: number): Promise<void> {
  const isUnread = (): boolean => (job.facts.observedAt ?? 0) <= askedAt;
  while (crowd.isQueueing && !job.cancelOver.aborted && isUnread())
    await timers.sleep(ASK_AGAIN_MS / 4, job.cancelOver);
}

/** `left` tells the crowd that the cancel has left. */
async function ask(job: CancelableJob, context: CancelContext, left: () => void): Promise<CancelAnswer> {
  const { cancelOver: over } = job;
  const { timers, crowd } = context;
  const policy = {
    // The budget ends it. In a crowd a try fails for lack of descriptors, which others free in a moment.
    retries: 30,
    firstDelayMs: 250,
    // The budget is short and the GPU works on: no server is given more time than we take ourselves.
    maxDelayMs: crowd.isCrowded ? 250 : 2_000,
    wakes: [over],
    shouldRetry: ({ status }: CallFailure) => !over.aborted && isTransient(status),
  };
  try {
    await retry(() => send(job, context, left), policy, timers);
    return 'acknowledged';
  } catch (error) {
    const { status = 0 } = failureOf(error);
    if (status === 404) job.take({ type: 'cancel-denied' });
    if (status < 400 || status >= 500 || isTransient(status)) return 'doubtful';
    job.take({ type: 'cancel-refused', at: timers.elapsed() });
    return doubtful.includes(status) ? 'doubtful' : 'final';
  } finally {
    left();
  }
}

/** The next try does not wait for an answer that is late. That answer still counts. */
async function send(job: CancelableJob, context: CancelContext, left: () => void): Promise<void> {
  const { cancelOver } = job;
  const { timers, crowd, settings, debug } = context;
  // In a crowd an answer takes its time: a second call would only make the others wait.
  const tryMs = crowd.isCrowded ? settings.cancelTimeoutMs : TRY_MS;
  const end = job.facts.cancelRequests === 0 ? crowd.startTry() : await crowd.startLaterTry();
  let isUnconnected = false;
  try {
    if (cancelOver.aborted) throw new NoAnswerError('The time for the cancel is over.');
    job.take({ type: 'cancel-sent' });
    await timers.within(call(job, context), tryMs, cancelOver);
  } catch (error) {
    const { status, message } = failureOf(error);
    isUnconnected = !(error instanceof NoAnswerError) && status === undefined;
    if (!cancelOver.aborted) debug(() => `${job.name ?? ''}: cancel failed: ${message}`);
    throw error;
  } finally {
    // Without a connection it has not left yet.
    if (!isUnconnected) left();
    end(isUnconnected);
  }
}

async function call(job: CancelableJob, { timers, settings }: CancelContext): Promise<void> {
  try {
    await job.backend.cancel(job.id ?? '', settings.cancelTimeoutMs);
  } catch (error) {
    // A cancel that took effect has been seen answered by 499 CANCELLED.
    if (failureOf(error).status !== 499) throw error;
  }
  job.take({ type: 'cancel-acknowledged', at: timers.now() });
}

function isTransient(status: number | undefined): boolean {
  return status === undefined || status === 408 || status === 429 || status >= 500 || status < 300;
}
