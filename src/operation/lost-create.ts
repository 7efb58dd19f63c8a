import type { CancelableBackend, JobStatus } from '../backends/backend.js';
import { describeFailure, type CallFailure } from '../backends/call-failure.js';
import { howToCancel } from '../stop/late-job.js';
import type { OperationContext } from './context.js';
import type { Job } from './job.js';
import type { Timers } from './timers.js';

/** When to look for a job whose name was lost: it may take a moment until a list has it. */
const LOOKS_MS = [0, 1_000, 2_000, 4_000, 8_000] as const;
/** When to look for twins of a job: a create that was given up may still have been on its way. */
const TWIN_LOOKS_MS = [15_000, 60_000] as const;
const READ_TIMEOUT_MS = 15_000;

/** What is known of a create whose answer was lost: the job, that there is none, or nothing, since the list cannot be read. */
export type LostCreate = { readonly status: JobStatus } | 'not-found' | 'unknown';

/** Looks for the job of a create whose answer was lost, by its display name, where the API can list. */
export async function findLostCreate(
  job: Job,
  backend: CancelableBackend,
  { timers }: OperationContext,
  looks: number = LOOKS_MS.length,
): Promise<LostCreate> {
  if (backend.find === undefined) return 'unknown';
  const readOnce = (id: string): Promise<JobStatus> =>
    timers.within(backend.read(id, READ_TIMEOUT_MS, job.indices), READ_TIMEOUT_MS);
  let isKnown = false;
  for (const delayMs of LOOKS_MS.slice(0, looks)) {
    // Goes on when the operation has settled meanwhile: a job that is found then is still to be cancelled.
    await timers.sleep(delayMs);
    try {
      const [id] = await timers.within(backend.find(job.displayName), READ_TIMEOUT_MS);
      isKnown = true;
      if (id !== undefined) return { status: await readOnce(id) };
    } catch {
      // The next look may succeed.
    }
  }
  return isKnown ? 'not-found' : 'unknown';
}

/** Cancels other jobs with the display name of this one: a create that had seemed to be lost has started them after all. */
export async function cancelTwins(job: Job, backend: CancelableBackend, context: OperationContext): Promise<void> {
  const { timers, warn, recorder } = context;
  recorder?.suspectTwins(job);
  const cancelled = new Set<string>();
  const refusals = new Map<string, CallFailure>();
  for (const delayMs of TWIN_LOOKS_MS) {
    // Also when the job is over by then: its twin is not.
    await timers.sleep(delayMs);
    for (const id of await findTwins(job, backend, timers)) {
      if (cancelled.has(id)) continue;
      const refusal = await refusalToCancel(id, backend, timers);
      if (refusal === undefined) {
        cancelled.add(id);
        refusals.delete(id);
        warn('twin-cancelled', `${backend.nameOf(id)} was a twin of ${job.name ?? 'a job'}: it was asked to cancel.`);
      } else {
        refusals.set(id, refusal);
      }
    }
  }
  for (const [id, { error }] of refusals) warn('twin-uncancelled', tellingOf(job, backend.nameOf(id), error.message));
  const left = [...refusals].filter(([, refusal]) => mayRun(refusal));
  recorder?.twinsOver(
    job,
    left.map(([id]) => backend.nameOf(id)),
  );
}

/** None if the list cannot be read: the next look may succeed. */
async function findTwins(job: Job, backend: CancelableBackend, timers: Timers): Promise<readonly string[]> {
  if (backend.find === undefined) return [];
  try {
    const ids = await timers.within(backend.find(job.displayName), READ_TIMEOUT_MS);
    return ids.filter((id) => id !== job.id);
  } catch {
    return [];
  }
}

async function refusalToCancel(
  id: string,
  backend: CancelableBackend,
  timers: Timers,
): Promise<CallFailure | undefined> {
  try {
    await timers.within(backend.cancel(id, READ_TIMEOUT_MS), READ_TIMEOUT_MS);
    return undefined;
  } catch (error) {
    const failure = describeFailure(error);
    // A cancel that took effect has been seen answered by 499 CANCELLED.
    return failure.status === 499 ? undefined : failure;
  }
}

/** The server has not said that there is nothing to cancel any more. */
function mayRun({ status }: CallFailure): boolean {
  return status !== 400 && status !== 404 && status !== 409;
}

function tellingOf({ name: own }: Job, name: string, why: string): string {
  return `${name} is a twin of ${own ?? 'a job'}, and could not be cancelled (${why}). If it runs, stop it with: ${howToCancel(name)}. If it has ended, it has made images that were paid for: \`attach('${name}')\` fetches them.`;
}
