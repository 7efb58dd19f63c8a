// Tells BullMQ of an operation without images, and whether another attempt may start anew.
import { UnrecoverableError } from 'bullmq';

export async function outcomeOf(job, operation, error) {
  // Somebody cancelled it, here or elsewhere: nobody wants the images.
  const isCancelled = error.name === 'AbortError' || operation.jobs.some(wasCancelled);
  if (isCancelled) return new UnrecoverableError(`Cancelled: ${error.message}`);
  if (error.name === 'MayBeRunningError') {
    // It may be running and be paid for. A person has to decide whether to pay again.
    if (error.code === 'RESPONSE_LOST') return new UnrecoverableError(`In doubt: ${error.message}`);
    if (error.code === 'TAKEN_OVER') console.log(`job ${job.id} was taken over by another worker`);
  }
  // It has ended without an image: the next attempt, if there is one, starts anew.
  if (error.name === 'OperationFailedError') await job.updateData({ ...job.data, snapshot: undefined });
  // Without a snapshot no later attempt can attach: leave nothing running.
  else if (job.data.snapshot === undefined) await operation.cancel(error);
  return error;
}

const wasCancelled = ({ state }) => state === 'cancelled';
