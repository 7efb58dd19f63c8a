import type { JobSnapshot } from '../../../src/api/snapshot.js';
import { isLate, isRejected, isRubbish, wasAnsweredTruly, type Call } from '../world/calls.js';
import type { Simulation } from '../world/simulation.js';
import type { Tracked } from '../world/tracked.js';
import { Violation } from '../world/violation.js';
import { wasRefused } from './capabilities.js';
import { lastCreateOf } from './ends.js';
import { isFresh } from './knowledge.js';

/** What the library says of the failure of each job is what became of its request: not sent, rejected, or unknown (A2, S1 to S5). */
export function checkFailures(simulation: Simulation, tracked: Tracked): void {
  const [end] = tracked.settled;
  if (tracked.origin !== 'start' || end === undefined) return;
  const until = { seq: end.seq, at: end.at, turn: tracked.settledTurn };
  for (const job of tracked.operation.jobs) {
    const { code = '' } = Object(job.error) as { code?: string };
    const create = lastCreateOf(simulation, tracked, job, until);
    if ((create !== undefined && isFresh(create, until)) || isTrue(code, simulation, tracked, job, create)) continue;
    const { outcome, record } = create ?? {};
    const what = `job ${job.index} says ${code}; its create: ${outcome ?? 'none'} ${record?.status ?? ''} ${record?.faults.join('+') ?? ''}`;
    simulation.violated(new Violation('truth of the report', `${tracked.label}: ${what}`));
  }
}

function isTrue(code: string, simulation: Simulation, tracked: Tracked, job: JobSnapshot, create?: Call): boolean {
  const { process, root } = tracked;
  switch (code) {
    case 'NOT_SENT':
      return create === undefined || create.outcome === 'refused';
    case 'REJECTED':
      return create?.outcome === 'answered' && isRejected(create);
    case 'RESPONSE_LOST':
      return create !== undefined && (isLate(create, root?.options.limits?.submitMs) || !isClear(create));
    case 'NOT_CANCELABLE':
      return wasRefused(simulation, process, root?.vertex === true);
    case 'JOURNAL_FAILED':
      return create === undefined && (process.hasBadStore || isAway(simulation, tracked));
    case 'WATCH_LOST':
      return job.name !== undefined || create !== undefined;
    case 'TAKEN_OVER':
      return simulation.suspected.has(process.pid);
    default:
      return true;
  }
}

/** A network that stands still, or a process that sleeps, keeps the journal away. So does a record that an `attach()` has added first. */
function isAway({ stalls, handles }: Simulation, { process, operation }: Tracked): boolean {
  const isAttached = handles.some(({ origin, operation: { id } }) => origin === 'attach' && id === operation.id);
  return stalls.length > 0 || process.life.freezes.length > 0 || isAttached;
}

/** Its answer said what became of it. */
function isClear(create: Call): boolean {
  return isRejected(create) || (wasAnsweredTruly(create) && !isRubbish(create));
}
