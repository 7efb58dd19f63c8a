import type { CancelableBackend, JobStatus } from '../backends/backend.js';
import type { OperationContext } from '../operation/context.js';
import { Job } from '../operation/job.js';
import { stopJob } from './stop-job.js';

/**
 * Cancels a job whose name arrived after its operation had settled: nobody waits for it any more, so it must not go on
 * running. It does not keep the process alive, and it says what came of it by a `warning`.
 */
export async function stopLateJob(
  lost: Job,
  backend: CancelableBackend,
  status: JobStatus,
  context: OperationContext,
): Promise<void> {
  const { timers, settings, warn, recorder } = context;
  const job = new Job(lost.indices, backend, { changed: () => undefined, unknownStatus: () => undefined });
  job.accepted(status.id);
  job.observe(status, timers.now());
  recorder?.lateName(lost, backend.nameOf(status.id));
  const dropBudget = timers.after(settings.cancelTimeoutMs, () => job.close());
  await stopJob(job, timers);
  dropBudget();
  const name = job.name ?? '';
  if (job.end === undefined) {
    warn(
      'late-job-uncancelled',
      `${name} was accepted after its operation had ended, and its cancellation could not be confirmed: it may be running. Stop it with: ${howToCancel(name)}`,
    );
  } else {
    recorder?.lateEnd(lost);
    warn(
      'late-job',
      `${name} was accepted after its operation had ended. It was asked to cancel; its status is ${job.lastStatus ?? 'not known'}.`,
    );
  }
}

/** The command that stops a job known by name. */
export function howToCancel(name: string): string {
  return `npx genai-cancel cancel ${name}`;
}
