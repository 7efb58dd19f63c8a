import type { CancelableBackend, JobStatus } from '../../google/port.js';
import { CallFailure, failureOf } from '../../google/failures.js';
import { RemoteError } from '../../api/errors.js';
import { cancelLateJob } from './late-job.js';
import type { OperationContext } from './context.js';
import type { Job } from './job.js';
import { findLostCreate } from './lost-create.js';
import { maySend } from './write-ahead.js';
import { sendPatiently, sendTracked } from './send.js';
import type { Latch } from '../../util/latch.js';
import { NoAnswerError } from '../../util/timers.js';
import { endOfFailure } from './submit-failure.js';

/**
 * Result of submitting a job. `submitted`: it is on its way to its end. `not-sent`: a sibling was refused while it waited to
 * be sent again. A failure: the server does not run it in the background.
 */
export type Submission = 'submitted' | 'not-sent' | CallFailure;

/** After a cancel an unanswered create is looked for in the list after this time. */
const LOOK_ANYWAY_MS = 2_000;

/**
 * Starts one job, at once: the create is handed to the SDK before this returns. It is sent again only where the server
 * cannot have started anything. An answer that has landed is kept, however late: it names a job that costs money.
 */
export async function submitJob(job: Job, backend: CancelableBackend, context: OperationContext): Promise<Submission> {
  const may = maySend(job, context);
  if (may !== true && !(await may)) return 'submitted';
  try {
    // A sibling was refused while this one was written down: it would be refused too.
    return context.refused.aborted ? 'not-sent' : await submit(job, backend, context);
  } finally {
    context.recorder?.afterCreate(job);
  }
}

async function submit(job: Job, backend: CancelableBackend, context: OperationContext): Promise<Submission> {
  job.take({ type: 'sent' });
  try {
    const send = (endsAt: number): Promise<JobStatus> => createOnce(job, backend, context, endsAt);
    await accept(job, backend, await sendPatiently(job, context, send), context);
  } catch (error) {
    const failure = failureOf(error);
    const isRefused = failure.kind === 'background-refused';
    if (isRefused) context.rememberRefusal();
    if (isRefused && !context.stopped.aborted) return failure;
    if (context.refused.aborted && failure.kind === 'rate-limited') return 'not-sent';
    if (failure.kind === 'ambiguous' && backend.find !== undefined) await findAgain(job, backend, failure, context);
    else job.finish(endOfFailure(job, failure));
  }
  return 'submitted';
}

/** Takes the answer to a create, also one that comes when nobody waits for it any more. */
async function accept(
  job: Job,
  backend: CancelableBackend,
  status: JobStatus,
  context: OperationContext,
): Promise<void> {
  if (job.over.aborted) return status.id === '' ? undefined : cancelLateJob(job, backend, status.id, context);
  if (status.id !== '') job.take({ type: 'named', id: status.id });
  job.observe(status, context.timers.now());
}

/** The answer to a create was lost, and the API can list: the library attaches to the job that it finds. */
async function findAgain(
  job: Job,
  backend: CancelableBackend,
  failure: CallFailure,
  context: OperationContext,
): Promise<void> {
  const found = context.awaitAnswer();
  const lost = await Promise.race([findLostCreate(job, backend, context), nameOf(job)]).finally(found);
  if (job.id !== undefined) return;
  if ('why' in lost) job.finish(endOfFailure(job, failure));
  else if (job.over.aborted) await cancelLateJob(job, backend, lost.id, context);
  else job.take({ type: 'found', id: lost.id });
}

async function nameOf(job: Job): Promise<{ readonly id: string }> {
  const never = new Promise<never>(() => undefined);
  return { id: await job.named.promise.catch(() => never) };
}

/** The answer to a create that was given up names its job after all. If the library still looks for it, it is that job. */
async function acceptLate(job: Job, backend: CancelableBackend, id: string, context: OperationContext): Promise<void> {
  if (job.id === undefined && !job.over.aborted) job.take({ type: 'found', id });
  else if (job.id !== id) await cancelLateJob(job, backend, id, context);
}

/** A refusal that comes late still says that nothing was started. */
function refuseLate(job: Job, failure: CallFailure, { debug }: OperationContext): void {
  debug(() => `${job.label}: create failed late: ${failure.message}`);
  if (job.id === undefined && failure.kind !== 'ambiguous') job.finish(endOfFailure(job, failure));
}

async function createOnce(
  job: Job,
  backend: CancelableBackend,
  context: OperationContext,
  endsAt: number,
): Promise<JobStatus> {
  const answer = send(job, backend, context);
  try {
    return await answerBy(endsAt, answer, job, backend, context);
  } catch (error) {
    if (!(error instanceof NoAnswerError)) throw error;
    void answer.then(
      ({ id }) => acceptLate(job, backend, id, context),
      (late: unknown) => refuseLate(job, failureOf(late), context),
    );
    throw new CallFailure('ambiguous', new RemoteError(error.message));
  }
}

async function send(job: Job, backend: CancelableBackend, context: OperationContext): Promise<JobStatus> {
  const answered = context.awaitAnswer();
  try {
    return await sendTracked(() => backend.create(job.indices, job.displayName), context);
  } finally {
    answered();
  }
}

/**
 * Settles like `answer`. Rejects with `NoAnswerError` when its time is over or, where the API can list, soon after a cancel:
 * the job may be in the list. When the operation has settled, only the answer counts.
 */
function answerBy(
  endsAt: number,
  answer: Promise<JobStatus>,
  job: Job,
  backend: CancelableBackend,
  { timers, stopped, settings }: OperationContext,
): Promise<JobStatus> {
  return new Promise((resolve, reject) => {
    const drops: (() => void)[] = [];
    const end = (): void => drops.forEach((drop) => drop());
    const on = (latch: Latch, callback: () => void): void => {
      latch.addEventListener('abort', callback);
      drops.push(() => latch.removeEventListener('abort', callback));
    };
    const giveUpAfter = (delayMs: number, message: string): void => {
      drops.push(timers.after(delayMs, () => reject(new NoAnswerError(message))));
    };
    giveUpAfter(endsAt - timers.elapsed(), `no answer within ${settings.limits.submitMs} ms`);
    const message = `no answer within ${LOOK_ANYWAY_MS} ms of the cancel`;
    if (backend.find !== undefined) on(stopped, () => giveUpAfter(LOOK_ANYWAY_MS, message));
    on(job.over, end);
    answer.then(resolve, reject).finally(end);
  });
}
