import { isCreate, wasAnsweredTruly, type Call } from '../world/calls.js';
import type { SimulatedProcess } from '../world/process.js';
import type { Simulation } from '../world/simulation.js';
import { Violation } from '../world/violation.js';
import { isBeingCancelled, isJournaledByName, isWatched } from './coverage.js';
import { isExcused } from './excuses.js';

/**
 * When a process dies, and at the end: a job that runs, and whose name has reached its process, stands by its name in a
 * report, in the journal or on stderr. To be in doubt is not enough for it.
 */
export function checkNames(simulation: Simulation, process: SimulatedProcess): void {
  for (const job of simulation.server.work) {
    const { name, endedAt } = job.record;
    if (name === undefined || endedAt !== undefined) continue;
    const heard = simulation.calls.find((call) => call.process === process.pid && isNamedBy(call, name));
    if (heard === undefined || simulation.told.names.has(name) || isJournaledByName(simulation, job)) continue;
    if (isWatched(simulation, job) || isBeingCancelled(simulation, job) || isExcused(simulation, job)) continue;
    if (isDisturbed(simulation, process, heard)) continue;
    const what = `${name} has reached ${process.pid} (${heard.seq}), and stands nowhere by its name`;
    simulation.violated(new Violation('nothing is forgotten', what));
  }
}

/** The answer to its create. */
function isNamedBy(call: Call, name: string): boolean {
  const isWhole = wasAnsweredTruly(call) || call.isNameless === false;
  return isCreate(call) && call.record?.job === name && call.delivered !== undefined && isWhole;
}

/** The journal had no time for the name, or was not to be reached, or somebody else has the record. */
function isDisturbed(
  { clock, stalls, suspected, forgetting, handles }: Simulation,
  process: SimulatedProcess,
  { delivered, root }: Call,
): boolean {
  const heardAt = delivered?.at ?? Infinity;
  const { life, hasBadStore, pid } = process;
  if (hasBadStore || suspected.has(pid) || life.freezes.length > 0 || clock.now() <= heardAt) return true;
  const ids = handles.filter((handle) => handle.root?.number === root).map(({ operation }) => operation.id);
  return ids.some((id) => forgetting.has(id)) || stalls.some(({ to }) => to >= heardAt);
}
