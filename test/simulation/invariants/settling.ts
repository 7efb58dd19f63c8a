import type { Simulation } from '../world/simulation.js';
import type { Tracked } from '../world/tracked.js';
import { Violation } from '../world/violation.js';

/** How long a stop waits for its journal: LAST_WRITE_MS in `src/operation/run.ts`. */
const LAST_WRITE_MS = 1_000;

/** At the end: whoever lives has settled, once, all its promises alike, and a stop in time. */
export function checkSettled(simulation: Simulation): void {
  for (const tracked of simulation.handles) {
    checkBudget(simulation, tracked);
    if (tracked.process.isAlive) checkPromises(simulation, tracked);
  }
}

function checkPromises(simulation: Simulation, tracked: Tracked): void {
  const wrong = (what: string): void => simulation.violated(new Violation('settles once', `${tracked.label}: ${what}`));
  const [end] = tracked.settled;
  const { result, submitted, salvaged, reported, label } = tracked;
  if (end === undefined || result === undefined || submitted === undefined || salvaged === undefined) {
    simulation.violated(new Violation('hang', `${label} has not settled: ${openOf(tracked)}`));
    return;
  }
  if ('value' in result && end.error !== undefined) wrong('result() resolved, and the event has an error');
  if ('value' in result && result.value !== end.response) wrong('result() and the event have different responses');
  if ('error' in result && result.error !== end.error) wrong(`result() and the event have different errors`);
  if ('error' in submitted && submitted.error !== end.error) wrong('submitted() rejected with another error');
  if ('error' in salvaged) wrong('salvaged() rejected');
  if (tracked.isStopped && end.report === undefined) wrong('it was stopped, and has no report');
  if (reported !== undefined && 'error' in reported) wrong('cancel() rejected');
  if (end.report !== undefined && 'error' in result && (result.error as Error).name !== 'AbortError') {
    wrong(`it was stopped, and rejected with ${(result.error as Error).name}`);
  }
  checkStop(tracked, wrong);
}

/** The first trigger is kept, with its reason by identity. */
function checkStop({ expectedStop, settled, cancelling }: Tracked, wrong: (what: string) => void): void {
  const report = settled[0]?.report;
  const [stop] = cancelling;
  if (report === undefined || stop === undefined) return;
  if (report.trigger !== stop.trigger || report.reason !== stop.reason)
    wrong('the report has another trigger or reason');
  if (expectedStop === undefined) return;
  if (expectedStop.trigger !== stop.trigger) wrong(`stopped by ${expectedStop.trigger}, and told of ${stop.trigger}`);
  if ('reason' in expectedStop && expectedStop.reason !== stop.reason) wrong('the reason is another one');
}

function openOf({ settled, result, submitted, salvaged, operation }: Tracked): string {
  const open = { event: settled[0], 'result()': result, 'submitted()': submitted, 'salvaged()': salvaged };
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
    if (at <= withoutFreezes(since + budgetMs, tracked)) return;
    simulation.violated(
      new Violation('budget', `${label}: ${what} after ${at - since} ms, with a budget of ${budgetMs} ms`),
    );
  };
  const isOpen = end === undefined && process.isAlive;
  if (isOpen) late('still not reported', simulation.clock.now(), stop.at, cancelTimeoutMs);
  if (end === undefined) return;
  late('reported', end.at, stop.at, cancelTimeoutMs);
  if (result !== undefined) late('result() settled', result.at, end.at, LAST_WRITE_MS);
  if (reported !== undefined) late('cancel() resolved', reported.at, end.at, LAST_WRITE_MS);
}

/** A deadline, put off until the process was awake. */
function withoutFreezes(deadline: number, { process }: Tracked): number {
  return process.life.freezes.reduce((until, { from, to }) => (from <= until ? Math.max(until, to) : until), deadline);
}
