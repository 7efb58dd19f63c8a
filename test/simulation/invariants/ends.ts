import type { JobSnapshot } from '../../../src/api/snapshot.js';
import { isCreate, isLate, isRejected, wasAnsweredTruly, type Call, type Moment } from '../world/calls.js';
import { endOf, type ServerEnd, type ServerJob } from '../world/server.js';
import type { Simulation } from '../world/simulation.js';
import type { Tracked } from '../world/tracked.js';
import { isFresh, toldOfEnd, toldOfRows } from './knowledge.js';

/** How one image has ended, as far as anybody can know (A4, C11). `running`: its request cannot be cancelled. */
export type ImageEnd = ServerEnd | 'unreadable' | 'unknown' | 'running' | 'not-sent';

/** The ends of one image that agree with what its process was told. Mostly there is one. */
export type Possible = readonly ImageEnd[];

/**
 * Returns how the images of a handle may have ended, by what the server did and what the process was told until `until`.
 * There is more than one list where a handle may not know how many images its job makes.
 */
export function possibleEnds(
  simulation: Simulation,
  tracked: Tracked,
  until: Moment,
): readonly (readonly Possible[])[] {
  const jobs = tracked.operation.jobs.map((job) => endsOfJob(simulation, tracked, job, until));
  const all = jobs.reduce<readonly (readonly Possible[])[]>(
    (all, some) => all.flatMap((before) => some.map((after) => [...before, ...after])),
    [[]],
  );
  const filled = filledBy(simulation, tracked);
  return all.map((images) => images.map((possible, index) => (filled.has(index) ? fill(possible) : possible)));
}

/** The images that came from a duplicate of one of its jobs (S3). */
function filledBy({ server }: Simulation, { names, known }: Tracked): ReadonlySet<number> {
  const duplicates = server.work.filter(({ record: { name = '' } }) => !names.includes(name));
  const made = duplicates.flatMap((job) => job.made());
  return new Set(made.filter(({ key }) => known.has(key)).map(({ index }) => index));
}

/** The job itself may still make the image: then that counts. */
function fill(possible: Possible): Possible {
  const rest = possible.filter((end) => end === 'unknown' || end === 'running');
  return ['made', ...rest];
}

function endsOfJob(
  simulation: Simulation,
  tracked: Tracked,
  job: JobSnapshot,
  until: Moment,
): readonly (readonly Possible[])[] {
  const real = job.name === undefined ? undefined : simulation.server.jobNamed(job.name);
  if (real !== undefined) return endsOfNamed(simulation, tracked, job, real, until);
  const ends = endsOfUnnamed(simulation, tracked, job, until);
  return [repeat(imagesOf(job), ends)];
}

function endsOfNamed(
  simulation: Simulation,
  tracked: Tracked,
  job: JobSnapshot,
  real: ServerJob,
  until: Moment,
): readonly (readonly Possible[])[] {
  const { name = '' } = real.record;
  const told = toldOfEnd(simulation, tracked, name, until);
  const sizes = sizesOf(simulation, tracked, job, real, until);
  const untold = sizes.map((size) => repeat(size, ['unknown' as const]));
  if (told === 'no') return untold;
  const images = real.ends();
  const ends =
    images === undefined ? sizes.map((size) => repeat(size, [endOf(real.record)])) : [images.map((end) => [end])];
  const known = ends.map((some) => some.map((possible) => withDoubts(tracked, real, possible)));
  if (told === 'yes') return known;
  const isOneSize = [...known, ...untold].every(({ length }) => length === known[0]?.length);
  return isOneSize
    ? known.map((some) => some.map((possible) => [...possible, 'unknown' as const]))
    : [...known, ...untold];
}

/** An image that was made may be unreadable, or never have been fetched: a watch that is abandoned then does not know it. */
function withDoubts({ known, isStopped, process, root }: Tracked, real: ServerJob, possible: Possible): Possible {
  // A job that was accepted beside a refusal is cancelled, and counts as not started (S8).
  if (possible.includes('cancelled') && root?.options.requireCancelable === true) return [...possible, 'not-sent'];
  if (!possible.includes('made')) return possible;
  // Of a refusal there is nothing that would show whether it was fetched.
  const isFetched = real.made().length > 0 && real.made().every(({ key }) => known.has(key));
  return [
    ...possible,
    ...(isFetched && !(root?.vertex === true && process.hasBadStorage) ? [] : (['unreadable'] as const)),
    ...(isFetched || isStopped ? [] : (['unknown'] as const)),
  ];
}

/** How many images the handle may take a job to make, as long as its results do not tell. */
function sizesOf(
  simulation: Simulation,
  tracked: Tracked,
  job: JobSnapshot,
  { record, indices }: ServerJob,
  until: Moment,
): readonly number[] {
  const { name = '' } = record;
  const isOnVertex = name.startsWith('projects/');
  if (!isOnVertex || indices.length < 2) return [tracked.origin === 'by name' ? 1 : imagesOf(job)];
  const counted = toldOfRows(simulation, tracked, name, until);
  if (counted === 'yes') return [indices.length];
  return counted === 'no' ? [1] : [1, indices.length];
}

/** A job that never got a name: its create tells, if it was sent from here. */
function endsOfUnnamed(simulation: Simulation, tracked: Tracked, job: JobSnapshot, until: Moment): Possible {
  if (tracked.origin !== 'start') return ['unknown', 'not-sent', 'failed'];
  const create = lastCreateOf(simulation, tracked, job, until);
  // Another process may have the operation, and may have been told.
  if (create === undefined)
    return simulation.suspected.has(tracked.process.pid) ? ['not-sent', 'unknown'] : ['not-sent'];
  const pending: Possible = [job.backend === 'models' && tracked.isStopped ? 'running' : 'unknown'];
  if (create.outcome === undefined) return pending;
  const ends = endsOfCreate(tracked, job, create);
  return isFresh(create, until) ? [...ends, ...pending] : ends;
}

export function lastCreateOf(
  { calls }: Simulation,
  { process, root }: Tracked,
  job: JobSnapshot,
  { seq }: Moment,
): Call | undefined {
  const wanted = job.indices ?? (root?.isBatch === true ? root.indices : [job.index]);
  return calls.findLast(
    (call) =>
      isCreate(call) &&
      call.process === process.pid &&
      call.root === root?.number &&
      call.seq < seq &&
      (call.route === 'generateContent' || call.route === 'predict') === (job.backend === 'models') &&
      call.indices.some((index) => wanted.includes(index)),
  );
}

function endsOfCreate({ root }: Tracked, { backend }: JobSnapshot, create: Call): Possible {
  const isGivenUp = backend !== 'models' && isLate(create, root?.options.limits?.submitMs);
  if (isRejected(create)) return isGivenUp ? ['not-sent', 'unknown'] : ['not-sent'];
  if (backend !== 'models') return ['unknown'];
  if (wasAnsweredTruly(create)) return ['made'];
  // An error of Google's is the end (S2), or taken for a lost response.
  return (create.record?.status ?? 0) >= 500 ? ['failed', 'unknown'] : ['unknown'];
}

/** How many images a job makes, as far as it says so. */
function imagesOf({ indices }: JobSnapshot): number {
  return indices?.length ?? 1;
}

function repeat(size: number, possible: Possible): readonly Possible[] {
  return Array.from({ length: size }, () => possible);
}
