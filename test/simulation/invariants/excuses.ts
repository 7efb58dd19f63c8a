import { isCreate } from '../world/calls.js';
import type { ServerJob } from '../world/server.js';
import type { Evidence } from './evidence.js';

/**
 * A list was answered 200 with something that is none: the SDK makes an empty list of it, and nobody can tell ("What cannot be
 * helped" in `docs/stopping.md`).
 */
function wasListLied({ calls }: Evidence, { record, root }: ServerJob): boolean {
  if (record.displayName === undefined) return false;
  const create = calls.findIndex((call) => isCreate(call) && call.root === root);
  // Only a list that was asked for after the create can have been asked for this job.
  const later = create === -1 ? [] : calls.slice(create + 1);
  return later.some(
    ({ route, process, record: answer }) =>
      route === 'batch-list' && process === calls[create]?.process && answer?.faults.includes('json') === true,
  );
}

/**
 * What is documented to be lost ("What survives what" in `docs/recovery.md`): the jobs of a process that died without a
 * journal, and what was taken out of the journal on purpose.
 */
export function isExcused(simulation: Evidence, job: ServerJob): boolean {
  const root = simulation.rootNumbered(job.root);
  if (root === undefined || root.isForgotten || wasListLied(simulation, job)) return true;
  return simulation.processes[root.pid - 1]?.life.state === 'dead' && !root.isJournaled;
}
