import { failureOf } from '../../google/failures.js';
import type { JobStatus } from '../../google/port.js';
import { howToCancel, howToFetch } from '../../api/commands.js';
import { cancelLateJob, cancelUnwatched, hasEnded, unwatchedJob } from './late-job.js';
import type { OperationContext } from './context.js';
import type { CancelableJob, Job } from './job.js';
import { endOf, hasMadeImages, type JobEnd } from './job-end.js';

/** A batch may need a moment to appear in the list: the pauses before each look, one minute in all. */
const LOOKS_MS = [0, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000] as const;
const READ_TIMEOUT_MS = 15_000;
/** A list can have many pages, and one that was read in part proves nothing. */
const LIST_TIMEOUT_MS = 60_000;

/** A job that was found, with its status if that was read, and the cancels of its duplicates. */
interface Found {
  readonly id: string;
  readonly status?: JobStatus | undefined;
  readonly cancelled?: Promise<unknown>;
}

/**
 * Looks for the job of a create whose response was lost, by its display name: to send it again on a guess would pay twice.
 * A cancel makes it look at once. `known`: jobs that the create has started, by its record.
 */
export async function findLostCreate(
  job: CancelableJob,
  context: OperationContext,
  known: readonly string[] = [],
  looks: number = LOOKS_MS.length,
): Promise<Found | { readonly why: string }> {
  const { timers, stopped } = context;
  let why = 'the list cannot be read';
  for (const delayMs of LOOKS_MS.slice(0, looks)) {
    await timers.sleep(delayMs, ...(stopped.aborted ? [] : [stopped]));
    if (isAnswered(job)) break;
    context.debug(() => `${job.displayName}: looks for the lost job`);
    try {
      const listed = await timers.within(job.backend.find?.(job.displayName) ?? Promise.resolve([]), LIST_TIMEOUT_MS);
      if (isAnswered(job)) break;
      const kept = await keepOne([...new Set([...listed, ...known])], job, context);
      if (kept !== undefined) return kept;
      why = 'no job of its display name is listed';
    } catch (error) {
      // The next look may succeed.
      context.debug(() => `${job.displayName}: look failed: ${failureOf(error).message}`);
    }
  }
  return (isAnswered(job) ? undefined : await keepOne(known, job, context)) ?? { why };
}

/** Attaches to the job of a create whose response was lost. If it is not found, it ends as `notFound` says. */
export async function findAgain(
  job: CancelableJob,
  context: OperationContext,
  notFound: (why: string) => JobEnd,
  known?: readonly string[],
  looks?: number,
): Promise<void> {
  const answered = context.awaitAnswer();
  const named = job.named.promise.then((id): Found => ({ id })).catch(() => new Promise<never>(() => undefined));
  const lost = await Promise.race([findLostCreate(job, context, known, looks), named]).finally(answered);
  if (job.id !== undefined) return;
  if ('why' in lost) job.finish(notFound(lost.why));
  else if (!job.over.aborted) {
    job.take({ type: 'found', id: lost.id });
    if (lost.status === undefined) return;
    // The operation would settle before its duplicates are cancelled: only a report waits for them.
    if (tellsEnd(lost.status)) await Promise.race([lost.cancelled, context.stopped.reached()]);
    job.observe(lost.status, context.timers.now());
  }
  // Another process may have taken the operation over: then the job is its own.
  else if (context.stopped.aborted) await cancelLateJob(job, lost.id, context);
}

/** Chooses the job that is watched, and cancels the others. */
async function keepOne(ids: readonly string[], job: CancelableJob, context: OperationContext) {
  const statuses = ids.length < 2 ? new Map<string, JobStatus>() : await readAll(ids, job, context);
  // One that has made images costs nothing more to watch. The others are in the order of their creation.
  const [id, ...others] = [...new Set([...ids.filter((one) => hasMadeImages(statuses.get(one))), ...ids])];
  if (id === undefined) return undefined;
  return { id, status: statuses.get(id), cancelled: cancelDuplicates(others, id, job, context, statuses) };
}

/** The create was answered meanwhile, by a name or by a refusal. */
function isAnswered({ id, end }: Job): boolean {
  return id !== undefined || end?.kind === 'not-started';
}

/** Returns the statuses of those that can be read. */
async function readAll(ids: readonly string[], job: CancelableJob, { timers }: OperationContext) {
  const statuses = new Map<string, JobStatus>();
  const reads = ids.map(async (id) =>
    statuses.set(id, await timers.within(job.backend.read(id, READ_TIMEOUT_MS, job.indices), READ_TIMEOUT_MS)),
  );
  await Promise.allSettled(reads);
  return statuses;
}

function tellsEnd(status: JobStatus): boolean {
  return status.phase === 'succeeded' || endOf(status) !== undefined;
}

/** Several batches have one display name: the create started more than one. One is kept. `statuses`: those that were read. */
export function cancelDuplicates(
  ids: readonly string[],
  kept: string,
  job: CancelableJob,
  context: OperationContext,
  statuses?: ReadonlyMap<string, JobStatus>,
): Promise<unknown> {
  const others = ids.filter((id) => id !== kept);
  return Promise.all(others.map((id) => cancelDuplicate(id, kept, job, context, statuses?.get(id))));
}

async function cancelDuplicate(
  id: string,
  kept: string,
  job: CancelableJob,
  context: OperationContext,
  status: JobStatus | undefined,
): Promise<void> {
  const { recorder } = context;
  const [name, keptName] = [job.backend.nameOf(id), job.backend.nameOf(kept)];
  const duplicate = unwatchedJob(id, job, context);
  const done = context.duplicate(duplicate);
  recorder?.duplicate(job, name);
  await cancelUnwatched(duplicate, context, status);
  const { end } = duplicate;
  const isTooLate = hasImages(end, 'image') && !context.takesImages(job);
  recorder?.duplicateDone(name, hasEnded(duplicate) && !isTooLate);
  const start = `${name} and ${keptName} were started by one create. ${keptName} is kept;`;
  context.warn('duplicate-job', `${start} ${endOfDuplicate(duplicate, name, isTooLate)}`);
  if (end?.kind === 'completed' && !isTooLate) context.spare(job, duplicate);
  done();
}

function hasImages(end: JobEnd | undefined, where: 'image' | 'elsewhere'): boolean {
  return end?.kind === 'completed' && end.outputs.some((output) => where in output);
}

function endOfDuplicate(duplicate: Job, name: string, isTooLate: boolean): string {
  const { end, needsOutput, lastStatus, results } = duplicate;
  const isElsewhere = hasImages(end, 'elsewhere');
  if (needsOutput || isElsewhere || isTooLate) {
    const late = isTooLate ? 'came after the end of the operation' : 'could not be fetched in time';
    const why = isElsewhere ? 'were not fetched' : late;
    return `the other has completed, but its images ${why}. Fetch them with: ${howToFetch(name, undefined, results)}`;
  }
  if (!hasEnded(duplicate))
    return `the cancel of the other could not be confirmed: it may be running. Cancel it with: ${howToCancel(name)}`;
  if (end?.kind === 'completed')
    return `the other has the status ${lastStatus ?? 'unknown'}, and the images that it has made are delivered.`;
  return `the other was cancelled. Its status is ${lastStatus ?? 'not known'}.`;
}
