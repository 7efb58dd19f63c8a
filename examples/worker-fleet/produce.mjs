// Wants images: node produce.mjs "a lighthouse in fog" 2
import { randomUUID } from 'node:crypto';
import { leave, queue } from './queue.mjs';

const [prompt = 'a lighthouse in fog', numberOfImages = '1'] = process.argv.slice(2);

const { id } = await queue.add(
  'image',
  { prompt, numberOfImages: Number(numberOfImages) },
  {
    // The numbers of BullMQ begin again in a queue that was cleared: then this would be taken for an earlier job.
    jobId: randomUUID(),
    // Attempts are for what has failed. A worker that dies does not use one up.
    attempts: 3,
    backoff: { type: 'exponential', delay: 1_000 },
    removeOnComplete: { age: 24 * 60 * 60 },
  },
);
console.log(id);
await leave();
