import { wasAnsweredTruly, type Call } from '../world/calls.js';
import type { ServerJob } from '../world/server.js';
import { Violation } from '../world/violation.js';
import { describeJob, isCovered, isJournaled } from './coverage.js';
import type { Evidence, HandleEvidence } from './evidence.js';
import { isExcused } from './excuses.js';

/** What `limits.salvageMs` is by default. */
const SALVAGE_MS = 120_000;

/**
 * At the end: each image that was made was handed over, or is named with a job, or is in the journal. One of a request that
 * cannot be cancelled exists in one process only: its loss was said.
 */
export function checkHandedOver(simulation: Evidence): void {
  for (const job of simulation.server.work) {
    for (const { key } of job.made()) {
      if (simulation.handles.some((handle) => handle.hasHandedOver(key))) continue;
      const lost = job.record.name === undefined ? lossOf(simulation, job, key) : isLost(simulation, job);
      if (lost === undefined) continue;
      simulation.violated(new Violation('no image is lost', `${lost} the image of ${describeJob(job)}`));
    }
  }
}

/** Of a job with a name, `undefined` if anybody can still get the image. */
function isLost(simulation: Evidence, job: ServerJob): string | undefined {
  const { name } = job.record;
  const isTold = name !== undefined && simulation.told.names.has(name);
  if (isTold || simulation.told.isInDoubt(job) || isJournaled(simulation, job)) return undefined;
  return isCovered(simulation, job) || isExcused(simulation, job) ? undefined : 'nobody has, or can find,';
}

/** Of a request without a name, `undefined` if the image is in the hands of a process, or its loss was said. */
function lossOf(simulation: Evidence, job: ServerJob, key: string): string | undefined {
  const call = simulation.calls.find((one) => isRequestOf(one, job));
  const process = simulation.processes[(call?.process ?? 0) - 1];
  const starter = simulation.handles.find(
    ({ origin, root, process: own }) => origin === 'start' && root?.number === job.root && own === process,
  );
  if (call === undefined || starter === undefined) return isLost(simulation, job);
  // The last words of a signal or an exit are checked in that moment.
  if (process?.life.state === 'dead') return undefined;
  if (starter.receipts.some((receipt) => receipt.key === key && receipt.settled === undefined)) return undefined;
  if (simulation.told.isInDoubt(job) && !isReceived(call, starter)) return undefined;
  return isExcused(simulation, job) || !wasAnsweredTruly(call)
    ? isLost(simulation, job)
    : 'an answer came, and nobody got';
}

/** The answer came in time to somebody who receives images (C7). */
function isReceived({ delivered }: Call, { caller, root, settled: [end], receipts }: HandleEvidence): boolean {
  if (!caller.listens && !caller.iterates && caller.onImage === 'none') return false;
  if (receipts.some(({ settled }) => settled?.isTaken === false)) return false;
  const { salvageMs = SALVAGE_MS } = root?.options.limits ?? {};
  return delivered !== undefined && delivered.at < (end?.at ?? Infinity) + salvageMs;
}

function isRequestOf(call: Call, { root, indices }: ServerJob): boolean {
  const isSynchronous = call.route === 'generateContent' || call.route === 'predict';
  return isSynchronous && call.root === root && indices.every((index) => call.indices.includes(index));
}
