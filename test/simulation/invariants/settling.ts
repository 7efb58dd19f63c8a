import { GenaiCancelError, OperationCancelledError } from '../../../src/api/errors.js';
import type { Simulation } from '../world/simulation.js';
import type { Tracked } from '../world/tracked.js';
import { Violation } from '../world/violation.js';
import { checkIterated } from './events.js';

/** How long a stop waits for its journal: LAST_WRITE_MS in `src/operation/run.ts`. */
const LAST_WRITE_MS = 1_000;

/** At the end: whoever lives has settled, once, all its promises alike, and a stop in time. */
export function checkSettled(simulation: Simulation): void {
  for (const tracked of simulation.handles) {
    checkBudget(simulation, tracked);
    if (!tracked.process.isAlive) continue;
    checkPromises(simulation, tracked);
    checkIterated(simulation, tracked);
  }
}

function checkPromises(simulation: Simulation, tracked: Tracked): void {
  const wrong = (what: string): void => simulation.violated(new Violation('settles once', `${tracked.label}: ${what}`));
  const [end] = tracked.settled;
  const { result, submitted, reported, label } = tracked;
  if (end === undefined || (result === undefined && isResultDue(tracked)) || submitted === undefined) {
    simulation.violated(new Violation('hang', `${label} has not settled: ${openOf(tracked)}`));
    return;
  }
  if (result !== undefined && 'value' in result !== (end.state === 'succeeded'))
    wrong(`${end.state}, and result() did not do what that means`);
  if (result !== undefined && 'value' in result && end.error !== undefined)
    wrong('result() resolved, and the event has an error');
  if (result !== undefined && 'value' in result && result.value !== end.response)
    wrong('result() and the event have different responses');
  if (result !== undefined && 'error' in result && result.error !== end.error)
    wrong(`result() and the event have different errors`);
  if ('error' in submitted && submitted.error !== end.error) wrong('submitted() rejected with another error');
  if (tracked.isStopped && end.report === undefined) wrong('it was stopped, and has no report');
  if (reported !== undefined && 'error' in reported) wrong('cancel() rejected');
  checkError(tracked, wrong);
  checkReports(tracked, wrong);
  checkStop(tracked, wrong);
}

/** Somebody waits for it, and no `onImage` keeps it back for ever (A12). */
export function isResultDue({ askedAt, isStopped, receipts }: Tracked): boolean {
  return askedAt !== undefined && (isStopped || receipts.every(({ settled }) => settled !== undefined));
}

/** A4: the error lists all jobs. C13: after a trigger it has the report, and the caller's reason by identity. */
function checkError({ settled: [end], operation }: Tracked, wrong: (what: string) => void): void {
  const { error, report } = end ?? {};
  if (error instanceof GenaiCancelError && error.jobs.length !== operation.jobs.length) {
    wrong(`its error has ${error.jobs.length} jobs, and there are ${operation.jobs.length}`);
  }
  if (report === undefined) return;
  if (!(error instanceof OperationCancelledError)) {
    wrong(`it was stopped, and rejected with ${error?.name ?? 'nothing'}`);
    return;
  }
  if (error.report !== report || error.cause !== report.reason) wrong('its error has another report or cause');
}

/** C4 and C8: there is one report. */
function checkReports({ settled: [end], reports }: Tracked, wrong: (what: string) => void): void {
  const all = new Set([...reports, ...(end?.report === undefined ? [] : [end.report])]);
  if (all.size > 1) wrong(`cancel() has resolved to ${all.size} different reports`);
}

/** The first trigger is kept, with its reason by identity. */
function checkStop({ expectedStop, settled, cancelling }: Tracked, wrong: (what: string) => void): void {
  const report = settled[0]?.report;
  const [stop] = cancelling;
  if (expectedStop !== undefined && report === undefined) wrong(`${expectedStop.trigger} has not stopped it`);
  if (report === undefined || stop === undefined) return;
  if (report.trigger !== stop.trigger || report.reason !== stop.reason)
    wrong('the report has another trigger or reason');
  if (expectedStop === undefined) return;
  if (expectedStop.trigger !== stop.trigger) wrong(`stopped by ${expectedStop.trigger}, and told of ${stop.trigger}`);
  if ('reason' in expectedStop && expectedStop.reason !== stop.reason) wrong('the reason is another one');
}

function openOf({ settled, result, submitted, operation }: Tracked): string {
  const open = { event: settled[0], 'result()': result, 'submitted()': submitted };
  const names = Object.entries(open).flatMap(([name, value]) => (value === undefined ? [name] : []));
  return `${names.join(', ')}; ${operation.state}, ${operation.jobs.map(({ name, state }) => `${name ?? '-'} ${state}`).join(', ')}`;
}

/** From the trigger to the report, and from there to its promise. Not while the process was frozen. */
function checkBudget(simulation: Simulation, tracked: Tracked): void {
  const [stop] = tracked.cancelling;
  const [end] = tracked.settled;
  if (stop === undefined) return;
  const { cancelTimeoutMs, process, reported, label, result } = tracked;
  const late = (what: string, at: number, since: number, budgetMs: number): void => {
    if (at <= process.life.awakeBy(since + budgetMs)) return;
    simulation.violated(
      new Violation('budget', `${label}: ${what} after ${at - since} ms, with a budget of ${budgetMs} ms`),
    );
  };
  const isOpen = end === undefined && process.isAlive;
  if (isOpen) late('still not reported', simulation.clock.now(), stop.at, cancelTimeoutMs);
  if (end === undefined) return;
  late('reported', end.at, stop.at, cancelTimeoutMs);
  // An `onImage` may use what is left of the budget (A12).
  const isReceiving = tracked.receipts.some((receipt) => (receipt.settled?.at ?? Infinity) > end.at);
  const toldAt = isReceiving ? Math.max(end.at, stop.at + cancelTimeoutMs) : end.at;
  if (result !== undefined) late('result() settled', result.at, Math.max(toldAt, tracked.askedAt ?? 0), LAST_WRITE_MS);
  if (reported !== undefined) late('cancel() resolved', reported.at, toldAt, LAST_WRITE_MS);
}
