// What BullMQ is told of an operation that made nothing: whether another attempt may start anew.
import { UnrecoverableError } from 'bullmq';
import {
  OperationCancelledError,
  OperationFailedError,
  OperationTakenOverError,
  SubmitUnknownError,
} from 'genai-cancel';

export async function outcomeOf(job, operation, error) {
  if (error instanceof OperationTakenOverError) console.log(`job ${job.id} was taken over by another worker`);
  // By whoever it was cancelled, nobody wants it.
  const isCancelled = error instanceof OperationCancelledError || operation.state === 'cancelled';
  if (isCancelled) return new UnrecoverableError(`Cancelled: ${error.message}`);
  // It may be running, and be paid for. Whether to pay again is for people to say.
  if (error instanceof SubmitUnknownError) return new UnrecoverableError(`In doubt: ${error.message}`);
  // It has ended without an image: the next attempt, if there is one, starts anew.
  if (error instanceof OperationFailedError) await job.updateData({ ...job.data, snapshot: undefined });
  // Nothing that another attempt could not attach to may be left on the server.
  else if (job.data.snapshot === undefined) await operation.cancel(error);
  return error;
}
