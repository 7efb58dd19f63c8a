import type { CancelReport } from '../../../src/api/report.js';
import { isCancel } from '../world/calls.js';
import type { Simulation } from '../world/simulation.js';
import type { Tracked } from '../world/tracked.js';
import { Violation } from '../world/violation.js';
import { checkReport } from './tables.js';

/** A cancel by name waits for the journal: `RECORD_TIMEOUT_MS` in `src/journal/join.ts`. */
const JOURNAL_MS = 2_000;

/** The named jobs whose end is unknown to an operation that was abandoned. */
export function unknownNames({ settled: [end], operation }: Tracked): readonly string[] {
  if (end?.state !== 'abandoned') return [];
  return operation.jobs.flatMap(({ name, state }) => (name !== undefined && state === 'unknown' ? [name] : []));
}

/** C8: the first `cancel()` after the end, without a trigger before, cancels the named jobs whose end is unknown. */
export function checkLateCancel(simulation: Simulation, { label, process, lateCancel }: Tracked): void {
  const since = simulation.stepSeq;
  simulation.checkSoon(() => {
    if (!process.isAlive) return;
    for (const name of lateCancel?.names ?? []) {
      const isSent = simulation.calls.some(
        (call) => call.seq > since && call.process === process.pid && isCancel(call) && call.name === name,
      );
      if (isSent) continue;
      simulation.violated(
        new Violation('cancel reaches the server', `${label} was cancelled after its end, and ${name} was not`),
      );
    }
  });
}

/**
 * The report of a `cancel()` after the end: as soon as any other, and as true. The state stays. An operation that has a report
 * answers with that one.
 */
export function checkLateReport(simulation: Simulation, tracked: Tracked, report: CancelReport): void {
  const { settled, operation, label, lateCancel, isStopped, cancelTimeoutMs, process } = tracked;
  if (isStopped || lateCancel === undefined || !process.isAlive) return;
  const wrong = (what: string): void => simulation.violated(new Violation('state and result', `${label}: ${what}`));
  const [end] = settled;
  if (operation.state !== end?.state) wrong(`its state became ${operation.state} after the end`);
  const until = simulation.moment();
  if (end?.report === undefined) checkReport(simulation, tracked, report, until);
  else if (report !== end.report) wrong('cancel() after the end has another report');
  if (
    tracked.reports.length > 1 ||
    process.life.freezes.length > 0 ||
    until.at - lateCancel.at <= cancelTimeoutMs + JOURNAL_MS
  )
    return;
  simulation.violated(
    new Violation('budget', `${label}: cancel() after the end resolved after ${until.at - lateCancel.at} ms`),
  );
}
