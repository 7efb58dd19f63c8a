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
  for (const handle of simulation.handles) {
    checkWatched(simulation, handle);
    checkFound(simulation, handle);
  }
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

/** S3: a list that was read in part proves nothing. A batch whose create told no name was found in a whole list. */
function checkFound(simulation: Evidence, { label, names, origin, process }: HandleEvidence): void {
  if (origin !== 'start') return;
  const isTold = (name: string): boolean =>
    simulation.calls.some((call) => {
      const isNamed = wasAnsweredTruly(call) || call.isNameless === false;
      return call.process === process.pid && isCreate(call) && call.record?.job === name && isNamed;
    });
  for (const name of names.filter((one) => !one.startsWith('interactions/') && !isTold(one))) {
    if (listsIn(simulation, process.pid, mayBePage).some(({ listed }) => listed.includes(name))) continue;
    const what = `${label} has found ${name} in a list that it has not read to its end`;
    simulation.violated(new Violation('cancel reaches the server', what));
  }
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
  simulation: Evidence,
  { process, operation }: HandleEvidence,
  beforeSeq: number,
  until?: Moment,
): readonly ServerJob[] {
  const displayNames = operation.jobs.flatMap(({ displayName }) => displayName ?? []);
  for (const { listed, last } of listsIn(simulation, process.pid)) {
    if ((last.delivered?.seq ?? Infinity) >= beforeSeq) continue;
    const jobs = [...new Set(listed)].flatMap((name) => simulation.server.jobNamed(name) ?? []);
    const some = jobs.filter(({ record: { displayName = '' } }) => displayNames.includes(displayName));
    if (some.length > 0) return until !== undefined && isFresh(last, until) ? [] : some;
  }
  return [];
}

/**
 * A proxy has started it by repeating a create, and the list that ended the search did not have it (S3). That may be any list
 * of a process that looks: they do not say for which handle they were read.
 */
export function isUnlisted(simulation: Evidence, job: ServerJob): boolean {
  const { displayName, name = '' } = job.record;
  const others = simulation.server.work.flatMap(({ record }) =>
    record.displayName === displayName && record.name !== name ? (record.name ?? []) : [],
  );
  if (displayName === undefined || others.length === 0) return false;
  const isSeeker = ({ operation }: HandleEvidence): boolean =>
    operation.jobs.some((own) => own.displayName === displayName);
  return simulation.processes
    .filter(({ pid }) => seekersIn(simulation, pid).some(isSeeker))
    .flatMap(({ pid }) => listsIn(simulation, pid, mayBePage))
    .some(({ listed }) => !listed.includes(name) && others.some((other) => listed.includes(other)));
}

/** A list that was read to its end: what all of its pages have. */
interface WholeList {
  readonly listed: readonly string[];
  readonly last: Call;
}

/** The lists that a process has read to their end, and has waited for. Each page tells where the next one begins. */
function listsIn({ calls }: Evidence, pid: number, isPage = wasAnsweredTruly): readonly WholeList[] {
  const lists: Call[][] = [];
  for (const call of calls) {
    if (call.process !== pid || call.listed === undefined || !isPage(call)) continue;
    const before = call.page === undefined ? undefined : lists.findLast((pages) => isNext(call, pages.at(-1)));
    if (call.page === undefined) lists.push([call]);
    else before?.push(call);
  }
  return lists.flatMap((pages) => {
    const [first, last] = [pages[0], pages.at(-1)];
    if (first === undefined || last?.delivered === undefined || last.nextPage !== undefined) return [];
    return last.delivered.at - first.at < LIST_MS ? [{ listed: pages.flatMap(({ listed = [] }) => listed), last }] : [];
  });
}

/** The SDK makes an empty page of any object that is no list. */
function mayBePage(call: Call): boolean {
  return wasAnsweredTruly(call) || call.record?.faults.includes('json') === true;
}

function isNext({ page, isVertex, seq }: Call, before: Call | undefined): boolean {
  return before?.nextPage === page && before?.isVertex === isVertex && (before.delivered?.seq ?? Infinity) < seq;
}

/** The handles that look for a batch whose name they never got. */
function seekersIn({ handles, calls }: Evidence, pid: number): readonly HandleEvidence[] {
  return handles.filter(({ process, initialJobs, operation, origin, root }) => {
    if (process.pid !== pid || !operation.jobs.some(({ displayName }) => displayName !== undefined)) return false;
    if (origin !== 'start') return initialJobs.some(({ name }) => name === undefined);
    return calls.some((call) => isCreate(call) && call.root === root?.number && !wasAnsweredTruly(call));
  });
}
