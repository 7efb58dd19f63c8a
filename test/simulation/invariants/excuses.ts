import type { Evidence } from './evidence.js';
import type { ServerJob } from '../world/server.js';
import { isUnlisted } from './duplicates.js';

/**
 * What is documented to be lost ("What survives what" in `docs/recovery.md`): the jobs of a process that died without a
 * journal, and what was taken out of the journal on purpose.
 */
export function isExcused(simulation: Evidence, job: ServerJob): boolean {
  const root = simulation.rootNumbered(job.root);
  if (root === undefined || root.isForgotten || isUnlisted(simulation, job)) return true;
  return simulation.processes[root.pid - 1]?.life.state === 'dead' && !root.isJournaled;
}
