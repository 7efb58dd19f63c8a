// Does not want them any more, from any machine, whether or not a worker has them: node cancel.mjs <id>
import { images } from './images.mjs';
import { leave, markCancelled, queue } from './queue.mjs';

const [id] = process.argv.slice(2);

// The mark first, then the names: a worker puts the names in first, and looks for a mark then. So one of us sees the other.
await markCancelled(id);
const job = await queue.getJob(id);
const names = job?.data.snapshot?.jobs.flatMap(({ name }) => name ?? []) ?? [];

// BullMQ's own worker.cancelJob() reaches the jobs of its own process only; the server can be asked from everywhere. The
// worker that watches them hears of the end, and so does the one that adopts them later.
const reports = await Promise.all(names.map((name) => images.cancel(name)));
for (const { outcome, jobs } of reports) console.log(`${jobs[0].name}: ${outcome}`);
if (job === undefined) console.log('there is no such job');
else if (names.length === 0) console.log('nothing is on the server yet: its worker stops it');
await leave();
