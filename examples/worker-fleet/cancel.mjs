// Cancels a job from any machine, whether or not a worker has it: node cancel.mjs <id>
import { images } from './images.mjs';
import { leave, markCancelled, queue } from './queue.mjs';

const [id] = process.argv.slice(2);

// The mark comes first, then the names. A worker does it the other way round, so one of us sees the other.
await markCancelled(id);
const job = await queue.getJob(id);
const names = job?.data.snapshot?.jobs.flatMap(({ name }) => name ?? []) ?? [];

// BullMQ's own worker.cancelJob() only reaches jobs of its own process. The server can be asked from everywhere, and the
// worker that watches the job learns of its end.
const reports = await Promise.all(names.map((name) => images.cancel(name)));
for (const { outcome, jobs } of reports) console.log(`${jobs[0].name}: ${outcome}`);
if (job === undefined) console.log('There is no such job.');
else if (names.length === 0) console.log('nothing is on the server yet: the worker cancels it');
await leave();
