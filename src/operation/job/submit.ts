import type { JobStatus } from '../../google/port.js';
import { failureOf, type CallFailure } from '../../google/failures.js';
import { cancelLateJob } from './late-job.js';
import type { OperationContext } from './context.js';
import type { CancelableJob } from './job.js';
import { findAgain } from './lost-create.js';
import { sendPatiently, sendRecorded, sendTracked } from './send.js';
import { NoAnswerError } from '../../util/timers.js';
import { endOfFailure } from './submit-failure.js';

/** `submitted`: it is on its way to its end. `not-sent`: a sibling was refused meanwhile. A failure: it was refused itself. */
export type Submission = 'submitted' | 'not-sent' | CallFailure;

/** After a cancel an unanswered create is looked for in the list after this time. */
const LOOK_ANYWAY_MS = 2_000;

/**
 * Starts one job, at once: the create is handed to the SDK before this returns. It is sent again only where the server
 * cannot have started anything. An answer that has landed is kept, however late: it names a job that costs money.
 */
export async function submitJob(job: CancelableJob, context: OperationContext): Promise<Submission> {
  // A sibling was refused while this one was written down: it would be refused too.
  const send = async (): Promise<Submission> => (context.refused.aborted ? 'not-sent' : submit(job, context));
  return (await sendRecorded(job, context, send)) ?? 'submitted';
}

async function submit(job: CancelableJob, context: OperationContext): Promise<Submission> {
  job.take({ type: 'sent' });
  try {
    await accept(job, await sendPatiently(job, context, (endsAt) => createOnce(job, context, endsAt)), context);
  } catch (error) {
    const failure = failureOf(error);
    const isRefused = failure.kind === 'background-refused';
    if (isRefused) context.rememberRefusal();
    if (isRefused && !context.stopped.aborted) return failure;
    if (context.refused.aborted && failure.kind === 'rate-limited') return 'not-sent';
    if (failure.kind === 'ambiguous' && job.backend.find !== undefined)
      await findAgain(job, context, () => endOfFailure(job, failure));
    else job.finish(endOfFailure(job, failure));
  }
  return 'submitted';
}

/** Takes the answer to a create, also one that comes when nobody waits for it any more. */
async function accept(job: CancelableJob, status: JobStatus, context: OperationContext): Promise<void> {
  const { id } = status;
  // If the library still looks for the job of a create that was given up, it is that job.
  if (job.over.aborted || job.id !== undefined)
    return id === '' || id === job.id ? undefined : cancelLateJob(job, id, context);
  if (id !== '') job.take({ type: 'named', id });
  job.observe(status, context.timers.now());
}

/** A refusal that comes late still says that nothing was started. */
function refuseLate(job: CancelableJob, failure: CallFailure, { debug }: OperationContext): void {
  debug(() => `${job.label}: create failed late: ${failure.message}`);
  if (job.id === undefined && failure.kind !== 'ambiguous') job.finish(endOfFailure(job, failure));
}

async function createOnce(job: CancelableJob, context: OperationContext, endsAt: number): Promise<JobStatus> {
  const answered = context.awaitAnswer();
  const create = () => job.backend.create(job.indices, job.displayName, context.settings.webhook);
  const answer = sendTracked(create, context).finally(answered);
  try {
    return await answerBy(endsAt, answer, job, context);
  } catch (error) {
    if (error instanceof NoAnswerError)
      void answer.then(
        (status) => accept(job, status, context),
        (late: unknown) => refuseLate(job, failureOf(late), context),
      );
    throw error;
  }
}

/**
 * Settles like `answer`. Rejects with `NoAnswerError` when its time is over or, where the API can list, soon after a cancel:
 * the job may be in the list. When the operation has settled, only the answer counts.
 */
function answerBy(
  endsAt: number,
  answer: Promise<JobStatus>,
  job: CancelableJob,
  { timers, stopped, settings }: OperationContext,
): Promise<JobStatus> {
  return new Promise((resolve, reject) => {
    const drops: (() => void)[] = [];
    const end = (): void => drops.forEach((drop) => drop());
    const giveUpAfter = (delayMs: number, message: string): void => {
      drops.push(timers.after(delayMs, () => reject(new NoAnswerError(message))));
    };
    const look = (): void => giveUpAfter(LOOK_ANYWAY_MS, `no answer within ${LOOK_ANYWAY_MS} ms of the cancel`);
    giveUpAfter(endsAt - timers.elapsed(), `no answer within ${settings.limits.submitMs} ms`);
    if (job.backend.find !== undefined) drops.push(stopped.on(look));
    job.over.on(end);
    answer.then(resolve, reject).finally(end);
  });
}
