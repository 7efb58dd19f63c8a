import type { JobSnapshot } from '../../../src/operation/job-snapshot.js';
import type { CancelOutcome } from '../../../src/stop/report.js';
import type { OperationState } from '../../../src/operation/events.js';
import { wasAnsweredTruly } from '../world/calls.js';
import type { Simulation } from '../world/simulation.js';
import { indicesOf } from '../world/told.js';
import type { Tracked } from '../world/tracked.js';
import { Violation } from '../world/violation.js';
import { describeJob } from './coverage.js';

const STATE_OF: Readonly<Record<CancelOutcome, OperationState>> = {
  'not-started': 'cancelled',
  cancelled: 'cancelled',
  'partially-cancelled': 'cancelled',
  'completed-anyway': 'succeeded',
  'failed-anyway': 'failed',
  'not-cancelable': 'abandoned',
  unconfirmed: 'abandoned',
};

/** What the end says of each job is what the server says, and somebody has heard the server say so. */
export function checkTruth(simulation: Simulation, tracked: Tracked): void {
  const [end] = tracked.settled;
  if (end === undefined) return;
  const lie = (what: string): void =>
    simulation.violated(new Violation('truth of the report', `${tracked.label}: ${what}`));
  for (const job of tracked.operation.jobs) checkJob(simulation, tracked, job, lie);
  const { report, state } = end;
  if (report !== undefined && STATE_OF[report.outcome] !== state) lie(`${report.outcome}, and its state is ${state}`);
  if (report !== undefined) checkOutcome(report.outcome, tracked, lie);
  if (tracked.operation.state !== state) lie(`settled as ${state}, and its state is ${tracked.operation.state}`);
}

function checkJob(simulation: Simulation, tracked: Tracked, job: JobSnapshot, lie: (what: string) => void): void {
  const { name, state } = job;
  if (state === 'not-started') {
    const indices = indicesOf(job, tracked.root);
    const started = simulation.server.work.find(
      (one) =>
        tracked.origin === 'start' &&
        one.root === tracked.root?.number &&
        one.record.endedAt === undefined &&
        one.indices.some((index) => indices.includes(index)),
    );
    if (started !== undefined) lie(`image ${indices.join(',')} was not started, and ${describeJob(started)} runs`);
    return;
  }
  if (name === undefined || !['cancelled', 'succeeded', 'failed'].includes(state)) return;
  const real = simulation.server.jobNamed(name);
  if (real === undefined) {
    lie(`there is no ${name}`);
    return;
  }
  const { endReason } = real.record;
  if (endReason === undefined) lie(`${state}, and ${describeJob(real)} runs`);
  if (state === 'cancelled' && endReason !== 'cancelled')
    lie(`cancelled, and ${describeJob(real)} ended: ${endReason ?? ''}`);
  const isHeard = simulation.calls.some(
    (call) =>
      call.process === tracked.process.pid &&
      call.name === name &&
      (call.toldOfEnd === true || (isRead(call.route) && call.wasEnded === true && wasAnsweredTruly(call))),
  );
  if (!isHeard) lie(`${name} is ${state}, and no status of it has told that`);
}

function isRead(route: string): boolean {
  return route === 'get' || route === 'batch-get';
}

/** The first that fits, by the states of the jobs. Of a batch the images count, which only its answer tells. */
function checkOutcome(outcome: CancelOutcome, { operation, settled }: Tracked, lie: (what: string) => void): void {
  const { jobs } = operation;
  if (jobs.some(({ backend }) => backend === 'batches')) return;
  const states = new Set(jobs.map(({ state }) => state));
  const leftovers = settled[0]?.report?.leftovers.length ?? 0;
  const has = (...some: string[]): boolean => some.some((state) => states.has(state as never));
  const isOpen = has('unknown', 'submitting', 'queued', 'running', 'waiting');
  if (outcome === 'cancelled' && (isOpen || has('succeeded'))) lie(`cancelled, with jobs ${[...states].join(', ')}`);
  if (outcome === 'not-started' && (isOpen || has('succeeded', 'cancelled')))
    lie(`not-started, with ${[...states].join(', ')}`);
  if (outcome === 'completed-anyway' && (has('cancelled', 'not-started', 'unknown') || leftovers > 0)) {
    lie(`completed-anyway, with jobs ${[...states].join(', ')}`);
  }
  if (outcome === 'failed-anyway' && (isOpen || has('succeeded', 'cancelled'))) {
    lie(`failed-anyway, with jobs ${[...states].join(', ')}`);
  }
}
