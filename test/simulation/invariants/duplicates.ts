import { isCancel, isCreate, wasAnsweredTruly, type Call, type Moment } from '../world/calls.js';
import type { ServerJob } from '../world/server.js';
import type { Simulation } from '../world/simulation.js';
import type { Tracked } from '../world/tracked.js';
import { Violation } from '../world/violation.js';
import type { Evidence, HandleEvidence } from './evidence.js';
import { isFresh, toldOfEnd } from './knowledge.js';

/** A list that takes longer may not be waited for. */
const LIST_MS = 60_000;

/**
 * At the end: of several batches with one display name, one that has made images is watched, else the oldest, and the others
 * are cancelled (S3). Lists do not say for which handle they were read: processes with more than one that looks are left out,
 * and those whose operation another process may have by now.
 */
export function checkDuplicates(simulation: Evidence): void {
  for (const handle of simulation.handles) checkWatched(simulation, handle);
  for (const { pid, isAlive } of simulation.processes) {
    const [seeker, ...others] = seekersIn(simulation, pid);
    if (!isAlive || seeker === undefined || others.length > 0 || simulation.suspected.has(pid)) continue;
    const some = duplicatesFor(simulation, seeker, Infinity);
    if (some.length > 1) checkOne(simulation, seeker, some);
  }
}

/** A handle that has restored them from a record, too, watches one. */
function checkWatched(simulation: Evidence, { label, names }: HandleEvidence): void {
  const shown = names.flatMap((name) => simulation.server.jobNamed(name)?.record.displayName ?? []);
  if (new Set(shown).size === shown.length) return;
  const what = `${label} watches more than one job of one display name`;
  simulation.violated(new Violation('cancel reaches the server', what));
}

function checkOne(simulation: Evidence, { label, names, process }: HandleEvidence, some: readonly ServerJob[]): void {
  const wrong = (what: string): void =>
    simulation.violated(new Violation('cancel reaches the server', `${label}: ${what}`));
  for (const { record } of some) {
    const { name = '' } = record;
    const isCancelled = simulation.calls.some(
      (call) => isCancel(call) && call.process === process.pid && call.name === name,
    );
    if (!names.includes(name) && !isCancelled) wrong(`${name} has the display name of another, and was not cancelled`);
  }
  const kept = some.filter(({ record: { name = '' } }) => names.includes(name));
  const oldest = Math.min(...some.map(({ record }) => record.createdAt));
  const isChosen = (job: ServerJob): boolean => job.record.endReason === 'completed' || job.made().length > 0;
  if (kept.some((job) => job.record.createdAt === oldest || isChosen(job))) return;
  if (kept[0] !== undefined) wrong(`${kept[0].record.name ?? ''} is watched, and another of its display name is older`);
}

/** The duplicates that a handle knows of, and whose end nobody has told it. */
export function unconfirmedDuplicates(simulation: Simulation, tracked: Tracked, until: Moment): readonly string[] {
  const { names, process } = tracked;
  const seekers = seekersIn(simulation, process.pid);
  if (seekers.length !== 1 || seekers[0] !== tracked) return [];
  const some = duplicatesFor(simulation, tracked, until.seq, until);
  if (!some.some(({ record: { name = '' } }) => names.includes(name))) return [];
  const others = some.flatMap(({ record: { name } }) => (name === undefined || names.includes(name) ? [] : [name]));
  return others.filter((name) => toldOfEnd(simulation, tracked, name, until) === 'no');
}

/** The batches in the first list that has one of the display name that a handle looks for: that ends its search. */
function duplicatesFor(
  { calls, server }: Evidence,
  { process, operation }: HandleEvidence,
  beforeSeq: number,
  until?: Moment,
): readonly ServerJob[] {
  const displayNames = operation.jobs.flatMap(({ displayName }) => displayName ?? []);
  const lists = calls.filter((call) => call.process === process.pid && isUsable(call, beforeSeq));
  for (const list of lists) {
    const listed = [...new Set(list.listed)].flatMap((name) => server.jobNamed(name) ?? []);
    const some = listed.filter(({ record: { displayName = '' } }) => displayNames.includes(displayName));
    if (some.length > 0) return until !== undefined && isFresh(list, until) ? [] : some;
  }
  return [];
}

/** A proxy has started it by repeating a create, and the list that ended the search did not have it (S3). */
export function isUnlisted(simulation: Evidence, job: ServerJob): boolean {
  const { displayName, index } = job.record;
  const isDuplicate = simulation.server.work.some(
    ({ record }) => record.displayName === displayName && record.index !== index,
  );
  if (displayName === undefined || !isDuplicate) return false;
  const seekers = simulation.processes.flatMap(({ pid }) => seekersIn(simulation, pid));
  return seekers
    .filter(({ operation }) => operation.jobs.some((own) => own.displayName === displayName))
    .some((seeker) => !duplicatesFor(simulation, seeker, Infinity).includes(job));
}

function isUsable(call: Call, beforeSeq: number): boolean {
  const { listed, delivered, at } = call;
  if (listed === undefined || delivered === undefined || delivered.seq >= beforeSeq) return false;
  return wasAnsweredTruly(call) && delivered.at - at < LIST_MS;
}

/** The handles that look for a batch whose name they never got. */
function seekersIn({ handles, calls }: Evidence, pid: number): readonly HandleEvidence[] {
  return handles.filter(({ process, initialJobs, operation, origin, root }) => {
    if (process.pid !== pid || !operation.jobs.some(({ displayName }) => displayName !== undefined)) return false;
    if (origin !== 'start') return initialJobs.some(({ name }) => name === undefined);
    return calls.some((call) => isCreate(call) && call.root === root?.number && !wasAnsweredTruly(call));
  });
}
