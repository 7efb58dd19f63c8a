// Wants images: node produce.mjs "a lighthouse in fog" 2
import { leave, queue } from './queue.mjs';

const [prompt = 'a lighthouse in fog', numberOfImages = '1'] = process.argv.slice(2);

const { id } = await queue.add(
  'image',
  { prompt, numberOfImages: Number(numberOfImages) },
  // Attempts are for what has failed. A worker that dies does not use one up.
  { attempts: 3, backoff: { type: 'exponential', delay: 1_000 }, removeOnComplete: { age: 86_400 } },
);
console.log(id);
await leave();
