// Asks for images: node produce.mjs "a lighthouse in fog" 2
import { randomUUID } from 'node:crypto';
import { leave, queue } from './queue.mjs';

const [prompt = 'a lighthouse in fog', numberOfImages = '1'] = process.argv.slice(2);

const { id } = await queue.add(
  'image',
  { prompt, numberOfImages: Number(numberOfImages) },
  {
    // BullMQ counts from 1 again in a queue that was cleared. The job would then be mistaken for an earlier one.
    jobId: randomUUID(),
    // Attempts are for failures. A worker that dies does not use one up.
    attempts: 3,
    backoff: { type: 'exponential', delay: 1_000 },
    removeOnComplete: { age: 24 * 60 * 60 },
  },
);
console.log(id);
await leave();
