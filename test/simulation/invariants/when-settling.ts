import type { JobState } from '../../../src/api/snapshot.js';
import { isCancel, isCreate } from '../world/calls.js';
import type { Simulation } from '../world/simulation.js';
import { tellingOf } from '../world/told.js';
import type { Tracked } from '../world/tracked.js';
import { Violation } from '../world/violation.js';
import { checkConfirmed } from './confirming.js';
import { isCovered, describeJob } from './coverage.js';
import { isUnlisted } from './duplicates.js';
import { checkFailures } from './failures.js';
import { checkTables } from './tables.js';
import { checkTruth } from './truth.js';

const OVER: readonly JobState[] = ['succeeded', 'failed', 'cancelled', 'not-started', 'unknown'];

/** Stopping, rule 3: the cancel of every named job is handed over in the turn of the trigger, with nothing awaited before. */
export function checkCancelling(simulation: Simulation, tracked: Tracked): void {
  if (tracked.cancelling.length > 1) {
    simulation.violated(new Violation('settles once', `${tracked.label} was told twice that it is being cancelled`));
  }
  const names = tracked.operation.jobs.flatMap(({ name, state }) =>
    name === undefined || OVER.includes(state) ? [] : [name],
  );
  // A job that was accepted beside a refusal is being cancelled already, if all have to be cancelable (S8).
  const since = tracked.root?.options.requireCancelable === true ? 0 : simulation.stepSeq;
  simulation.checkSoon(() => {
    if (!tracked.process.isAlive) return;
    for (const name of names) {
      const isSent = simulation.calls.some(
        (call) => call.seq > since && call.process === tracked.process.pid && isCancel(call) && call.name === name,
      );
      if (isSent) continue;
      simulation.violated(
        new Violation(
          'cancel reaches the server',
          `${tracked.label} was stopped, and ${name} not asked to cancel at once`,
        ),
      );
    }
  });
}

/** With these statuses the server has started nothing, and the create is sent again (S6). */
const TURNED_AWAY: readonly unknown[] = [429, 503];

function wasTurnedAway({ calls }: Simulation, { pid }: Tracked['process'], root: Tracked['root']): boolean {
  return calls.some(
    (call) =>
      isCreate(call) && call.process === pid && call.root === root?.number && TURNED_AWAY.includes(call.record?.status),
  );
}

/** A7: when `submitted()` resolves, only jobs that had to wait for a place are without a name. */
export function checkSubmitted(
  simulation: Simulation,
  { submitted, isSettled, operation, process, root, origin, label }: Tracked,
): void {
  if (submitted === undefined || 'error' in submitted || isSettled) return;
  const { jobs } = operation;
  // S11: requests that cannot be cancelled, and jobs of a model that was observed not to cancel, are made one at a time.
  const { cancelable } = process.images(root?.vertex === true).capabilities(operation.toJSON().model);
  const isFireAndForget = jobs.some(({ backend }) => backend === 'models');
  // One that was sent and turned away waits again.
  if (isFireAndForget && wasTurnedAway(simulation, process, root)) return;
  const isSlow = cancelable === 'no' || isFireAndForget;
  const places = origin === 'start' ? (root?.options.maxConcurrency ?? (isSlow ? 1 : 8)) : jobs.length;
  const open = jobs.filter(({ state }) => state === 'waiting' || state === 'submitting');
  if (open.length <= Math.max(0, jobs.length - places)) return;
  const states = jobs.map(({ state }) => state).join(', ');
  simulation.violated(new Violation('order of events', `${label}: submitted() resolved with jobs ${states}`));
}

/** Checks an operation in the moment in which it settles. */
export function checkSettling(simulation: Simulation, tracked: Tracked): void {
  if (tracked.settled.length > 1) {
    simulation.violated(new Violation('settles once', `${tracked.label} has settled ${tracked.settled.length} times`));
    return;
  }
  const [end] = tracked.settled;
  if (end === undefined) return;
  simulation.tally.count('outcome', end.report?.outcome ?? `${end.state} without a stop`);
  const code = (end.error as { code?: string } | undefined)?.code;
  if (end.error !== undefined) simulation.tally.count('error', code ?? end.error.name);
  checkTruth(simulation, tracked);
  checkTables(simulation, tracked);
  checkFailures(simulation, tracked);
  checkConfirmed(simulation, tracked);
  checkRunning(simulation, tracked);
}

/** Whatever the server still runs for it is named by its end, or in the journal, or looked after by somebody. */
function checkRunning(simulation: Simulation, tracked: Tracked): void {
  const { names } = tracked;
  const { root } = tracked;
  for (const job of simulation.server.work) {
    if (job.record.endedAt !== undefined) continue;
    const isOwn = tracked.origin === 'start' && job.root === root?.number;
    if (!isOwn && (job.record.name === undefined || !names.includes(job.record.name))) continue;
    const telling = tellingOf(tracked);
    const isTold =
      (job.record.name !== undefined &&
        [telling, simulation.told].some(({ names: told }) => told.has(job.record.name ?? ''))) ||
      job.indices.every((index) => telling.doubts.has(index));
    if (isTold || isCovered(simulation, job, tracked) || isUnlisted(simulation, job)) continue;
    simulation.violated(
      new Violation(
        'nothing is forgotten',
        `${tracked.label} has settled, and nobody knows that ${describeJob(job)} runs`,
      ),
    );
  }
}
