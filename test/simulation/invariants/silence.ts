import { isCancel, isRead, isRubbish, type Call, type Moment } from '../world/calls.js';
import type { Simulation } from '../world/simulation.js';
import type { Tracked } from '../world/tracked.js';
import { Violation } from '../world/violation.js';

/** One try of a cancel call, and the pause after one that was acknowledged: `src/operation/job/cancel-job.ts`. */
const CANCEL_PAUSE_MS = 2_000;

/** At the end: nothing was sent for what had settled, no cancel twice at a time, and none was owed. */
export function checkSilence(simulation: Simulation): void {
  const cancels = new Map<string, Call[]>();
  for (const call of simulation.calls) {
    if (call.name === undefined) continue;
    const watchers = simulation.handles.filter(
      ({ process, names }) => process.pid === call.process && call.name !== undefined && names.includes(call.name),
    );
    checkAfterEnd(simulation, call, watchers);
    if (!isCancel(call) || watchers.length > 1 || hasOthers(simulation, call)) continue;
    const key = `${call.process} ${call.name}`;
    cancels.set(key, [...(cancels.get(key) ?? []), call]);
  }
  for (const some of cancels.values()) checkPauses(simulation, some);
  for (const call of simulation.calls) checkLatch(simulation, call);
}

/**
 * A job that a handle knows the name of is not asked about when the handle has settled (C8). Names that came later are: those
 * are late jobs and duplicates. Jobs that a report does not confirm are read on (A9). So are jobs whose end is unknown, when `cancel()` is called after the end.
 */
function checkAfterEnd(simulation: Simulation, call: Call, watchers: readonly Tracked[]): void {
  if (watchers.length === 0 || watchers.some(({ settled: [end] }) => end === undefined || end.seq > call.seq)) return;
  // The SDK had it before the end, and takes its time within that turn.
  if (watchers.some(({ settledTurn }) => settledTurn === call.turn)) return;
  // Another handle of the process has lost its create, and finds the job when it has settled: it is cancelled as a late one.
  const [{ root: shared } = { root: undefined }] = watchers;
  const isLate = simulation.handles.some(
    ({ process, root, names }) =>
      process.pid === call.process && root === shared && call.name !== undefined && !names.includes(call.name),
  );
  if (isLate) return;
  if (watchers.some((watcher) => isStillWatched(watcher, call))) return;
  // Somebody attaches to it, or cancels it by its name.
  if (watchers.some(({ since }) => since > call.seq)) return;
  if (watchers.some(({ lateCancel }) => lateCancel?.names.includes(call.name ?? '') && lateCancel.seq < call.seq))
    return;
  simulation.violated(
    new Violation(
      'silence after the end',
      `${call.route} ${call.name ?? ''} was sent (${call.seq}) by ${call.process} after ${watchers.map(({ label }) => label).join(', ')} had settled`,
    ),
  );
}

/** A9: after a report without confirmation the watch goes on, to learn how the job ends. It reads, and cancels nothing. */
function isStillWatched({ settled: [end] }: Tracked, call: Call): boolean {
  if (!isRead(call) && call.route !== 'stream') return false;
  return end?.report?.jobs.some(({ name, confirmedAt }) => name === call.name && confirmedAt === undefined) === true;
}

/** Another handle of the process may cancel it as a late job or a duplicate, whose name is not among those of its operation. */
function hasOthers({ handles, server }: Simulation, { process: pid, name = '' }: Call): boolean {
  const number = server.jobNamed(name)?.root;
  return handles.filter(({ process, root }) => process.pid === pid && root?.number === number).length > 1;
}

/** One memoised cancel for each job: the next one is sent when the last one was lost, or some time after it was heard. */
function checkPauses(simulation: Simulation, cancels: readonly Call[]): void {
  cancels.forEach((call, position) => {
    const before = cancels[position - 1];
    if (before === undefined || call.at >= before.at + pauseMs(simulation, call)) return;
    const isHeard = (before.delivered?.seq ?? Infinity) < call.seq;
    const { status } = before.record ?? {};
    if (isHeard && (isRubbish(before) || (status !== 499 && status !== 200))) return;
    simulation.violated(
      new Violation(
        'cancel reaches the server',
        `${call.name ?? ''} was asked to cancel twice within ${call.at - before.at} ms (${before.seq}, ${call.seq})`,
      ),
    );
  });
}

/** One try takes `cancelTimeoutMs` at most. The cancel of a withdrawn job goes on after that time. */
function pauseMs(simulation: Simulation, { name = '' }: Call): number {
  const { cancelTimeoutMs = CANCEL_PAUSE_MS } =
    simulation.rootNumbered(simulation.server.jobNamed(name)?.root)?.options ?? {};
  return Math.min(CANCEL_PAUSE_MS, cancelTimeoutMs);
}

function isBefore({ delivered }: Call, { seq }: Moment): boolean {
  return delivered !== undefined && delivered.seq < seq;
}

/** A name that arrives when its operation is being stopped, or has settled, is cancelled: the latch outlives the budget. */
function checkLatch(simulation: Simulation, call: Call): void {
  const { record, delivered, root, process: pid } = call;
  const isNamed = (call.route === 'create' || call.route === 'batch-create') && record?.job !== undefined;
  if (!isNamed || delivered === undefined || record.status !== 200 || call.outcome !== 'answered') return;
  if (record.faults.some((fault) => fault === 'garbage' || fault === 'json') || call.isNameless === true) return;
  const process = simulation.processes[pid - 1];
  const starter = simulation.handles.find(
    (handle) => handle.origin === 'start' && handle.root?.number === root && handle.process === process,
  );
  const stoppedAt = starter?.cancelling[0]?.seq ?? starter?.settled[0]?.seq ?? Infinity;
  const name = record.job;
  // A create that was given up has a late name, too (S2).
  const isKept = starter?.names.includes(name) === true;
  if (process?.isAlive !== true || (isKept && stoppedAt > delivered.seq)) return;
  // It was in a list before, and its operation has seen it to its end.
  if (isKept && simulation.calls.some((other) => other.listed?.includes(name) === true && isBefore(other, delivered)))
    return;
  // One whose name was in a list before may have been cancelled before.
  const isCancelled = (other: Call): boolean => other.process === pid || other.seq > delivered.seq;
  if (simulation.calls.some((other) => isCancel(other) && other.name === name && isCancelled(other))) return;
  simulation.violated(
    new Violation(
      'cancel reaches the server',
      `${name} was accepted too late for ${starter?.label ?? ''}, and never asked to cancel`,
    ),
  );
}
