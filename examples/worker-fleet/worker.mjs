// One worker of many: takes jobs from the queue, makes their images, and goes on with the jobs of a worker that died.
import { UnrecoverableError, WaitingError, Worker } from 'bullmq';
import { deliver } from './deliver.mjs';
import { earlierAttempt } from './earlier.mjs';
import { images, release } from './images.mjs';
import { outcomeOf } from './outcome.mjs';
import { isCancelled, leave, lockMs, QUEUE, redis } from './queue.mjs';

const leaving = new AbortController();

// BullMQ passes a signal to processors that take three parameters.
const worker = new Worker(QUEUE, makeImages, {
  connection: redis,
  concurrency: 4,
  lockDuration: lockMs,
  stalledInterval: lockMs / 2,
  // By default a job fails when its worker has died twice. Its images would be paid for and lost.
  maxStalledCount: 10,
});

async function makeImages(job, token, cancelSignal) {
  const earlier = await earlierAttempt(job, token);
  if (earlier === undefined && (await isCancelled(job.id))) throw new UnrecoverableError('Cancelled before its start.');
  const operation =
    earlier === undefined
      ? images.start(parametersOf(job), optionsOf(job, cancelSignal))
      : images.attach(earlier, { cancelSignal });
  const events = operation.events({ signal: leaving.signal });
  try {
    await operation.submitted();
    await job.updateData({ ...job.data, snapshot: operation.toJSON() });
    const names = operation.jobs.map(({ name }) => name ?? '?').join(', ');
    console.log(`job ${job.id} ${earlier === undefined ? 'started' : 'adopted'}: ${names}`);
    // It may have been marked before it had names: then only this worker can cancel it.
    if (await isCancelled(job.id)) worker.cancelJob(job.id, 'It is not wanted any more.');
    const files = [];
    for await (const event of events) {
      if (event.type === 'image') files.push(await deliver(operation.id, event.index, event.image));
    }
    await operation.result();
    // The job has succeeded if there is any image. The missing ones have failed, or are in doubt.
    const missing = operation.jobs
      .filter(({ state }) => state !== 'succeeded')
      .map(({ index, state }) => ({ index, state }));
    return { operation: operation.id, files, missing };
  } catch (error) {
    if (error === leaving.signal.reason) await handOver(job, token, operation);
    throw await outcomeOf(job, operation, error);
  }
}

function parametersOf({ data: { prompt, numberOfImages } }) {
  return { model: 'gemini-3.1-flash-image', prompt, config: { numberOfImages } };
}

/** All creates are sent at first, so that `submitted()` resolves when every name is known. */
function optionsOf({ id, data: { numberOfImages } }, cancelSignal) {
  return { cancelSignal, tag: id, maxConcurrency: numberOfImages };
}

/** Puts the job back at the head of the queue. Its jobs on the server run on. */
async function handOver(job, token, operation) {
  await release(operation);
  await job.moveToWait(token);
  console.log(`job ${job.id} handed over`);
  throw new WaitingError();
}

async function shutDown() {
  const closed = worker.close(); // It takes no more jobs.
  leaving.abort(new Error('The worker is leaving.'));
  await closed;
  await leave();
  process.exit(0);
}
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => void shutDown());

worker.on('ready', () => console.log('ready'));
worker.on('failed', (job, error) => console.log(`job ${job?.id} failed: ${error.message}`));
worker.on('error', (error) => console.error(error.message));
