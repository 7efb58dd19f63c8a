import type { JobSnapshot, JobState } from '../../../src/api/snapshot.js';
import { isLate, wasAnsweredTruly, type Moment } from '../world/calls.js';
import { endOf, type ServerEnd } from '../world/server.js';
import type { Simulation } from '../world/simulation.js';
import { indicesOf } from '../world/told.js';
import type { Tracked } from '../world/tracked.js';
import { Violation } from '../world/violation.js';
import { describeJob } from './coverage.js';
import { lastCreateOf } from './ends.js';
import { firstToldAt, isFresh, toldOfEnd } from './knowledge.js';

/** The state of a job that has ended so. A job with an image has succeeded, however it ended as a whole. */
const STATE_OF: Readonly<Record<ServerEnd, JobState>> = { made: 'succeeded', cancelled: 'cancelled', failed: 'failed' };

/** Checks that the end of each job is what the server said, and that the process has heard it. */
export function checkTruth(simulation: Simulation, tracked: Tracked): void {
  const [end] = tracked.settled;
  if (end === undefined) return;
  const lie = (what: string): void =>
    simulation.violated(new Violation('truth of the report', `${tracked.label}: ${what}`));
  const until = { seq: end.seq, at: end.at, turn: tracked.settledTurn };
  for (const job of tracked.operation.jobs) checkJob(simulation, tracked, job, until, lie);
  for (const { name, confirmedAt } of end.report?.jobs ?? []) {
    if (confirmedAt === undefined || name === undefined || tracked.process.life.hasJumped) continue;
    if (confirmedAt < firstToldAt(simulation, tracked, name, until)) lie(`${name} is confirmed before it was told`);
  }
  if (tracked.operation.state !== end.state)
    lie(`settled as ${end.state}, and its state is ${tracked.operation.state}`);
}

type Lie = (what: string) => void;

function checkJob(simulation: Simulation, tracked: Tracked, job: JobSnapshot, until: Moment, lie: Lie): void {
  const { name, state } = job;
  if (state === 'not-started') checkNotStarted(simulation, tracked, job, lie);
  else if (name === undefined) checkUnnamed(simulation, tracked, job, until, lie);
  else checkNamed(simulation, tracked, job, name, until, lie);
}

function checkNotStarted(simulation: Simulation, tracked: Tracked, job: JobSnapshot, lie: Lie): void {
  const indices = indicesOf(job, tracked.root);
  const started = simulation.server.work.find(
    (one) =>
      tracked.origin === 'start' &&
      one.root === tracked.root?.number &&
      one.record.endedAt === undefined &&
      one.indices.some((index) => indices.includes(index)),
  );
  if (started !== undefined) lie(`image ${indices.join(',')} was not started, and ${describeJob(started)} runs`);
}

/** C2: an answer that has arrived in time is kept, and with it the name of the job. */
function checkUnnamed(simulation: Simulation, tracked: Tracked, job: JobSnapshot, until: Moment, lie: Lie): void {
  if (tracked.origin !== 'start' || job.backend === 'models') return;
  const create = lastCreateOf(simulation, tracked, job, until);
  if (create?.delivered === undefined || isFresh(create, until) || !wasAnsweredTruly(create)) return;
  const isGivenUp =
    isLate(create, tracked.root?.options.limits?.submitMs) || simulation.suspected.has(tracked.process.pid);
  if (!isGivenUp) lie(`${create.record?.job ?? ''} was named in time (${create.seq}), and nobody knows its name`);
}

function checkNamed(
  simulation: Simulation,
  tracked: Tracked,
  { state }: JobSnapshot,
  name: string,
  until: Moment,
  lie: Lie,
): void {
  const real = simulation.server.jobNamed(name);
  if (real === undefined || (tracked.root !== undefined && real.root !== tracked.root.number)) {
    lie(`there is no ${name} of this operation`);
    return;
  }
  if (state !== 'cancelled' && state !== 'succeeded' && state !== 'failed') return;
  if (real.record.endedAt === undefined) lie(`${state}, and ${describeJob(real)} runs`);
  const hasResults = real.record.kind === 'batch' && real.ends() !== undefined;
  const expected = hasResults ? 'succeeded' : STATE_OF[endOf(real.record)];
  if (state !== expected) lie(`${state}, and ${describeJob(real)} ended: ${real.record.endReason ?? ''}`);
  if (toldOfEnd(simulation, tracked, name, until) === 'no') lie(`${name} is ${state}, and no status has told that`);
}
