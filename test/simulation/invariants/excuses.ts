import type { Evidence } from './evidence.js';
import type { Root } from '../world/roots.js';
import type { ServerJob } from '../world/server.js';
import { isUnlisted } from './duplicates.js';

/**
 * Tells whether the documents call a job lost ("What survives what" in `docs/recovery.md`): its process died without a
 * journal, or its record was taken out on purpose.
 */
export function isExcused(simulation: Evidence, job: ServerJob): boolean {
  const root = simulation.rootNumbered(job.root);
  if (root === undefined || root.isForgotten || isUnlisted(simulation, job)) return true;
  return !root.isJournaled && simulation.processes[root.pid - 1]?.life.state === 'dead' && isSilent(simulation, root);
}

/**
 * A death by SIGKILL says nothing. One by a signal, or by `process.exit()`, speaks of what it concerns: not of what was
 * detached, of what does not listen to the signal, or of what had settled and was dropped.
 */
function isSilent({ handles, processes }: Evidence, root: Root): boolean {
  const { how } = processes[root.pid - 1]?.death ?? {};
  if (how === undefined || how === 'killed') return true;
  return !handles.some((handle) => handle.origin === 'start' && handle.root === root && handle.isConcernedBy(how));
}
