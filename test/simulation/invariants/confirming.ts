import { wasAnsweredTruly } from '../world/calls.js';
import type { Simulation } from '../world/simulation.js';
import type { Tracked } from '../world/tracked.js';
import { Violation } from '../world/violation.js';
import { describeJob } from './coverage.js';

/** A stopped job is read at least so often, whatever else is going on: `src/operation/job/watch-job.ts`, with the time that a lost read takes. */
const READ_AGAIN_MS = 1_000 + 3_000 + 1_000;

/**
 * Stopping, rule 5: the status is read until the server says how the job ended. One that had ended in time, and could be read,
 * is not reported as unconfirmed.
 */
export function checkConfirmed(simulation: Simulation, tracked: Tracked): void {
  const [end] = tracked.settled;
  const [stop] = tracked.cancelling;
  if (end?.report === undefined || stop === undefined) return;
  for (const { name, confirmedAt } of end.report.jobs) {
    const job = name === undefined ? undefined : simulation.server.jobNamed(name);
    const endedAt = job?.record.endedAt;
    if (job === undefined || endedAt === undefined || confirmedAt !== undefined) continue;
    const since = Math.max(endedAt, stop.at);
    if (end.at - since < READ_AGAIN_MS || isDisturbed(simulation, tracked, name, since, end.at)) continue;
    const message = `${tracked.label} is ${end.report.outcome}, and ${describeJob(job)} had ended ${end.at - since} ms before`;
    simulation.violated(new Violation('truth of the report', message));
  }
}

/** Something kept answers back, or spoilt them. */
function isDisturbed(
  { calls, stalls }: Simulation,
  { process }: Tracked,
  name: string | undefined,
  from: number,
  to: number,
): boolean {
  const isIn = (one: { readonly from: number; readonly to: number }): boolean => one.from <= to && one.to >= from;
  if (stalls.some(isIn) || process.life.freezes.some(isIn)) return true;
  return calls.some(
    (call) =>
      call.process === process.pid &&
      call.name === name &&
      call.at <= to &&
      (call.delivered?.at ?? Infinity) >= from &&
      (call.record?.faults.length ?? 0) + (wasAnsweredTruly(call) ? 0 : 1) > 0,
  );
}
