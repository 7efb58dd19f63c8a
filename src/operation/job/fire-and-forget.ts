import type { FireAndForgetBackend, JobStatus } from '../../google/port.js';
import { failureOf } from '../../google/failures.js';
import { RemoteError } from '../../api/errors.js';
import type { OperationContext } from './context.js';
import type { Job } from './job.js';
import { sendPatiently, sendRecorded, sendTracked } from './send.js';
import { endOfFailure, unknownEnd } from './submit-failure.js';

/** Makes the images of one job by a request that nothing can stop. A stop leaves it to finish: it has been paid for. */
export async function runJob(job: Job, backend: FireAndForgetBackend, context: OperationContext): Promise<void> {
  await sendRecorded(job, context, async () => {
    job.take({ type: 'sent' });
    try {
      const status = await sendPatiently(job, context, () => runOnce(job, backend, context));
      context.salvage(job, status);
      job.observe(status, context.timers.now());
    } catch (error) {
      context.salvage(job, undefined);
      job.finish(endOfFailure(job, failureOf(error)));
    }
  });
}

/** A controller of its own for each request: the SDK leaves a listener on the signal that it is given. */
async function runOnce(job: Job, backend: FireAndForgetBackend, context: OperationContext): Promise<JobStatus> {
  const controller = new AbortController();
  const { settings, timers, hungUp } = context;
  const { watchMs } = settings.limits;
  const giveUp = timers.after(watchMs, () => {
    job.finish(unknownEnd(job, new RemoteError(`no answer within ${watchMs} ms`)));
    controller.abort();
  });
  const drops = [giveUp, job.over.on(giveUp), hungUp.on(() => controller.abort())];
  try {
    const answer = sendTracked(() => backend.run(job.indices, controller.signal), context);
    job.take({ type: 'handed-over' });
    return await answer;
  } catch (error) {
    // Until it is sent again there is nothing on the server, and nothing that a cancel would have to leave running.
    if (failureOf(error).kind === 'rate-limited') job.take({ type: 'returned' });
    throw error;
  } finally {
    drops.forEach((drop) => drop());
  }
}
