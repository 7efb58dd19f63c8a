import type { Evidence, HandleEvidence } from './evidence.js';
import { inDoubtOf, parseRecord, type JournalRecord } from '../../../src/journal/record.js';
import { isCancel, isCreate } from '../world/calls.js';
import type { ServerJob } from '../world/server.js';

/** A duplicate that is not confirmed by then is named by a warning: the longest `cancelTimeoutMs`. */
const CANCEL_MS = 20_000;

/** Whether somebody knows of a job that may run: a watcher, the journal, or whoever waits for its name. */
export function isCovered(simulation: Evidence, job: ServerJob, except?: HandleEvidence): boolean {
  return (
    isWatched(simulation, job, except) ||
    isJournaled(simulation, job) ||
    isPending(simulation, job) ||
    isBeingCancelled(simulation, job)
  );
}

export function isWatched(simulation: Evidence, { record }: ServerJob, except?: HandleEvidence): boolean {
  const { name } = record;
  if (name === undefined) return false;
  return simulation.handles.some(
    (other) =>
      other !== except && !other.isSettled && other.process.life.state !== 'dead' && other.names.includes(name),
  );
}

/** By its name, by its display name, or as in doubt. */
export function isJournaled(simulation: Evidence, job: ServerJob): boolean {
  return recordsOf(simulation, job.root).some(({ jobs }) => {
    const { name, displayName } = job.record;
    if (jobs.some((one) => one.name !== undefined && one.name === name)) return true;
    const doubts = inDoubtOf(jobs);
    if (displayName !== undefined && doubts.some((one) => one.displayName === displayName)) return true;
    const indices = doubts.flatMap((one) => one.indices ?? [one.index]);
    return job.indices.every((index) => indices.includes(index));
  });
}

export function isJournaledByName(simulation: Evidence, { record: { name }, root }: ServerJob): boolean {
  return recordsOf(simulation, root).some(({ jobs }) => jobs.some((job) => job.name === name));
}

/** Returns the journal's records of an operation, under the ids of all its handles. */
function recordsOf(simulation: Evidence, root: number): readonly JournalRecord[] {
  const ids = new Set(
    simulation.handles.filter((handle) => handle.root?.number === root).map(({ operation }) => operation.id),
  );
  return [...simulation.entries].flatMap(([id, { text }]) => (ids.has(id) ? [parseRecord(text)] : []));
}

/** The answer to its create is still on its way: it will be cancelled when it arrives. */
function isPending(simulation: Evidence, job: ServerJob): boolean {
  return simulation.calls.some(
    (call) =>
      isCreate(call) &&
      call.root === job.root &&
      call.outcome === undefined &&
      job.indices.every((index) => call.indices.includes(index)) &&
      simulation.processes[call.process - 1]?.life.state !== 'dead',
  );
}

/** A process has just begun to cancel it, as a late job or as a duplicate. */
export function isBeingCancelled({ calls, processes, clock }: Evidence, { record: { name } }: ServerJob): boolean {
  return calls.some(
    (call) =>
      isCancel(call) &&
      call.name === name &&
      clock.now() - call.at <= CANCEL_MS &&
      processes[call.process - 1]?.life.state !== 'dead',
  );
}

export function describeJob({ record, root, indices }: ServerJob): string {
  const { name, kind, status, index } = record;
  return `${name ?? `the ${kind} request`} (job ${index} on the server, for ${root}[${indices.join(',')}], ${status})`;
}
