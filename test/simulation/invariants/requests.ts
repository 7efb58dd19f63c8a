import type { CancelledJob } from '../../../src/api/report.js';
import { isCancel, isRubbish, type Call } from '../world/calls.js';
import type { Simulation } from '../world/simulation.js';
import type { Tracked } from '../world/tracked.js';
import { Violation } from '../world/violation.js';

/** At the end: each report has counted the cancel calls as they were sent, and has heard them acknowledged. */
export function checkRequests(simulation: Simulation): void {
  for (const tracked of simulation.handles) {
    const { report } = tracked.settled[0] ?? {};
    for (const job of report?.jobs ?? []) {
      if (job.name !== undefined && isAlone(simulation, tracked, job.name)) checkJob(simulation, tracked, job);
    }
  }
}

function checkJob(
  simulation: Simulation,
  tracked: Tracked,
  { name, cancelRequests, acknowledgedAt, confirmedAt }: CancelledJob,
): void {
  const { settled, settledTurn, process, label } = tracked;
  const wrong = (what: string): void =>
    simulation.violated(new Violation('truth of the report', `${label}: ${name ?? ''} ${what}`));
  const calls = simulation.calls.filter(
    (call) => isCancel(call) && call.process === process.pid && call.name === name && call.turn <= settledTurn,
  );
  const before = calls.filter(({ seq }) => seq < (settled[0]?.seq ?? Infinity));
  // The SDK takes a moment to send what it was given.
  if (cancelRequests < before.length || cancelRequests > calls.length) {
    wrong(`was asked to cancel ${calls.length} times, and its report says ${cancelRequests}`);
  }
  // Its times are those of a clock that has jumped.
  if (process.life.hasJumped) return;
  if (acknowledgedAt !== undefined && !before.some((call) => isAcknowledged(call, acknowledgedAt))) {
    wrong('has not acknowledged a cancel, and its report says so');
  }
  const isHeard = (call: Call): boolean =>
    isAcknowledged(call, confirmedAt ?? Infinity) &&
    !isRubbish(call) &&
    (call.delivered?.turn ?? Infinity) < settledTurn;
  if (acknowledgedAt === undefined && before.some(isHeard)) {
    wrong('has acknowledged a cancel, and its report does not say so');
  }
}

function isAcknowledged({ delivered, outcome, record }: Call, at: number): boolean {
  const isPositive = record?.status === 200 || record?.status === 499;
  return outcome === 'answered' && isPositive && delivered !== undefined && delivered.at <= at;
}

/** No other handle of the process asks, and none has asked before. */
function isAlone({ handles, server }: Simulation, { process }: Tracked, name: string): boolean {
  const number = server.jobNamed(name)?.root;
  return handles.filter((other) => other.process === process && other.root?.number === number).length === 1;
}
