// Stops what is on the server and in no queue any more, and names what is in doubt. Runs once: call it from cron, or from a
// job scheduler of BullMQ, on one machine or on all.
import { deliver } from './deliver.mjs';
import { images } from './images.mjs';
import { leave, queue } from './queue.mjs';

const DAY_MS = 24 * 60 * 60 * 1000;
const isOver = [undefined, 'completed', 'failed', 'unknown'];

const { operations, unreadable } = await images.recover({ policy: 'list' });
for (const { place, problem } of unreadable) console.error(`${place}: ${problem}`);
for (const { id, record, inDoubt, renewedAt } of operations) {
  // What is still in the queue will be adopted: that it has no owner now is none of our business.
  const job = record.tag === undefined ? undefined : await queue.getJob(record.tag);
  if (!isOver.includes(await job?.getState())) continue;
  if (record.jobs.some(({ name }) => name !== undefined)) await stop(record);
  if (inDoubt.length === 0) continue;
  console.log(`job ${record.tag}: ${inDoubt.length} of ${record.jobs.length} in doubt, as ${id}`);
  if (Date.now() - renewedAt > DAY_MS) await images.forget(id);
}
await images.close();
await leave();

/** Images that were finished all the same are paid for: they are delivered. */
async function stop(record) {
  const operation = images.attach(record);
  const events = operation.events();
  const { outcome } = await operation.cancel('It is in no queue any more.');
  for await (const event of events) {
    if (event.type === 'image') await deliver(operation.id, event.index, event.image);
  }
  console.log(`job ${record.tag}: ${outcome}`);
}
