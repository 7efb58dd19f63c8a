// Cancels jobs on the server that are in no queue any more, and names those in doubt. Runs once: call it from cron, or from
// a job scheduler of BullMQ, on one machine or on all.
import { readJournal } from 'genai-cancel';
import { deliver } from './deliver.mjs';
import { images, journal } from './images.mjs';
import { leave, queue } from './queue.mjs';

const DAY_MS = 24 * 60 * 60 * 1000;
const isOver = [undefined, 'completed', 'failed', 'unknown'];

const { operations, unreadable } = await readJournal(journal);
for (const { place, problem } of unreadable) console.error(`${place}: ${problem}`);
for (const { id, record, inDoubt, renewedAt } of operations.filter(({ isOrphan }) => isOrphan)) {
  // A worker will adopt it as long as it is in the queue.
  const job = record.tag === undefined ? undefined : await queue.getJob(record.tag);
  if (!isOver.includes(await job?.getState())) continue;
  if (record.jobs.some(({ name }) => name !== undefined)) await cancel(record);
  if (inDoubt.length === 0) continue;
  console.log(`job ${record.tag}: ${inDoubt.length} of ${record.jobs.length} in doubt, as ${id}`);
  if (Date.now() - renewedAt > DAY_MS) await images.forget(id);
}
await images.close();
await leave();

/** Delivers the images that were finished all the same: they are paid for. */
async function cancel(record) {
  const operation = images.attach(record);
  const events = operation.events();
  const { outcome } = await operation.cancel('It is in no queue any more.');
  for await (const event of events) {
    if (event.type === 'image') await deliver(operation.id, event.index, event.image);
  }
  console.log(`job ${record.tag}: ${outcome}`);
}
