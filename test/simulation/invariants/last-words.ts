import type { JobSnapshot } from '../../../src/api/snapshot.js';
import type { SimulatedProcess } from '../world/process.js';
import type { Simulation } from '../world/simulation.js';
import { indicesOf, type LastWords } from '../world/told.js';
import type { Tracked } from '../world/tracked.js';
import { Violation } from '../world/violation.js';
import { isJournaled } from './coverage.js';

/** The time that the last writes into the journal may take after all other waits. */
const WRITES_MS = 3_000;

/**
 * In the moment in which a process dies of a signal or exits: each finished image that was not handed over is named on
 * stderr, and stays in the journal. Of images that exist in this process only, stderr says that they are lost (P4, P9).
 */
export function checkLastWords(
  simulation: Simulation,
  process: SimulatedProcess,
  how: 'signal' | 'exit',
  words: LastWords,
): void {
  const concerned = simulation.handles.filter((tracked) => tracked.process === process && tracked.isConcernedBy(how));
  for (const tracked of concerned) checkNamed(simulation, tracked, how, words);
  checkUnnamed(simulation, process, concerned, how, words);
  if (how === 'signal') checkPatience(simulation, process, concerned);
}

function checkNamed(simulation: Simulation, tracked: Tracked, how: 'signal' | 'exit', { unclaimed }: LastWords): void {
  for (const { name, state, error } of tracked.operation.jobs) {
    const job = name === undefined ? undefined : simulation.server.jobNamed(name);
    if (job === undefined || name === undefined || state !== 'succeeded' || error !== undefined) continue;
    const missing = job.made().filter(({ key }) => tracked.known.has(key) && !isHandedOver(tracked, how, key));
    if (missing.length === 0) continue;
    const wrong = (what: string): void =>
      simulation.violated(new Violation('no image is lost', `${tracked.label} dies by ${how}: ${what}`));
    const said = unclaimed.find((one) => one.name === name);
    // A batch on Vertex is fetched from where its results lie.
    const place = name.startsWith('projects/') ? 'gs://' : name;
    if (said?.howToFetch?.includes(place) !== true) wrong(`stderr does not say how to fetch ${name}`);
    else if (said.count < missing.length) wrong(`${missing.length} images of ${name}, and stderr says ${said.count}`);
    // Another handle, attached to the job, may have handed its images over, and taken the record out (J2).
    const isTaken = missing.every(({ key }) =>
      simulation.handles.some((other) => other.hasTaken(key) || (other !== tracked && other.hasHandedOver(key))),
    );
    if (!isTaken && isKept(simulation, tracked) && !isJournaled(simulation, job)) wrong(`the journal has lost ${name}`);
  }
}

function isHandedOver(tracked: Tracked, how: 'signal' | 'exit', key: string): boolean {
  return tracked.hasTaken(key) || (how === 'exit' && tracked.hasDelivered(key));
}

/** Its record is its own, and nobody has taken it out. */
function isKept({ suspected, forgetting }: Simulation, { root, origin, process, operation }: Tracked): boolean {
  const isOwn = origin === 'start' && root?.isJournaled === true && !root.isForgotten;
  return isOwn && !process.hasBadStore && !suspected.has(process.pid) && !forgetting.has(operation.id);
}

/** Requests that cannot be cancelled, and their images: so many that nobody has received are said to be lost. */
function checkUnnamed(
  simulation: Simulation,
  dying: SimulatedProcess,
  concerned: readonly Tracked[],
  how: 'signal' | 'exit',
  { leftovers, unclaimed }: LastWords,
): void {
  // A job that another handle of this process has attached to may be a leftover of each.
  const own = concerned.flatMap(({ operation }) => operation.jobs.filter(isUnended).map(({ name }) => name));
  // A name that came late stands for a create that was given up.
  const said = [
    ...leftovers.filter(({ name }) => name === undefined || !takeOut(own, name)),
    ...unclaimed.filter(({ name }) => name === undefined),
  ];
  const count = said.reduce((sum, one) => sum + ('count' in one ? one.count : 1), 0);
  const lost = concerned.flatMap((tracked) =>
    tracked.operation.jobs.filter((job) => job.backend === 'models' && isLost(simulation, tracked, how, job)),
  );
  const open = concerned.map((tracked) => ({ tracked, jobs: tracked.operation.jobs.filter(isOpen) }));
  const creates = open.flatMap(({ jobs }) => jobs.filter(({ backend }) => backend !== 'models')).length;
  // An operation that was in flight at the signal may have ended since. Its lost creates are spoken of all the same.
  const all = simulation.handles.filter(({ process }) => process === dying);
  const running = all.flatMap(({ operation }) => operation.jobs.filter(isOpen)).length;
  const wrong = (what: string): void =>
    simulation.violated(new Violation('no image is lost', `${concerned[0]?.label ?? ''} dies by ${how}: ${what}`));
  if (lost.length + creates > count)
    wrong(`${lost.length + creates} images are lost or in doubt, stderr says ${count}`);
  const leftover = leftovers.filter(({ name }) => name === undefined).length;
  if (leftover > running) wrong(`${running} requests are open, and stderr says that ${leftover} may run`);
  for (const { tracked, jobs } of open) {
    const indices = jobs.flatMap((job) => indicesOf(job, tracked.root));
    if (tracked.root !== undefined) simulation.told.doubt(tracked.root.number, indices);
  }
}

function isUnended({ state }: JobSnapshot): boolean {
  return state !== 'succeeded' && state !== 'failed' && state !== 'cancelled' && state !== 'not-started';
}

/** Returns whether it was there. */
function takeOut<T>(all: T[], one: T): boolean {
  const place = all.indexOf(one);
  if (place >= 0) all.splice(place, 1);
  return place >= 0;
}

/** It was sent, and nobody knows its name or its end. */
function isOpen({ name, state }: JobSnapshot): boolean {
  return name === undefined && (state === 'submitting' || state === 'running' || state === 'unknown');
}

/** It runs, or it was made and not received. */
function isLost(
  { server }: Simulation,
  tracked: Tracked,
  how: 'signal' | 'exit',
  { state, index, indices = [index] }: JobSnapshot,
): boolean {
  if (isOpen({ index, backend: 'models', state })) return tracked.origin === 'start';
  if (state !== 'succeeded') return false;
  const own = server.work.filter(
    ({ record, root, indices: some }) =>
      record.name === undefined && root === tracked.root?.number && some.every((one) => indices.includes(one)),
  );
  const keys = own.flatMap((job) => job.made().map(({ key }) => key)).filter((key) => tracked.known.has(key));
  return keys.some((key) => !isHandedOver(tracked, how, key));
}

/** P4: the process waits for `onImage`, and for images that are paid for, but not for longer than it may. */
function checkPatience(simulation: Simulation, process: SimulatedProcess, concerned: readonly Tracked[]): void {
  const { press, life } = process;
  if (press === undefined || press.isForced) return;
  const now = simulation.clock.now();
  const wrong = (what: string): void => simulation.violated(new Violation('budget', `${process.pid}: ${what}`));
  // The process does not wait any more for an operation that is detached meanwhile (C14).
  for (const tracked of concerned.filter(({ detachedAt }) => detachedAt === Infinity)) {
    const shutdownEnd = press.at + tracked.shutdownMs;
    const isWaitedFor = tracked.caller.onImage !== 'none' && isRequesting(simulation, tracked);
    if (isWaitedFor && now < shutdownEnd) wrong(`it has left an image that ${tracked.label} has paid for`);
    const isPending = tracked.receipts.some(({ settled }) => settled === undefined);
    const stoppedAt = tracked.cancelling[0]?.at ?? press.at;
    if (isPending && now < Math.max(stoppedAt + tracked.cancelTimeoutMs, shutdownEnd)) {
      wrong(`it has left an \`onImage\` of ${tracked.label}`);
    }
  }
  const longest = Math.max(0, ...concerned.map((one) => Math.min(patienceOf(one), one.detachedAt - press.at)));
  const waitEnd = life.awakeBy(press.at + longest);
  if (now > life.awakeBy(waitEnd + WRITES_MS)) wrong(`it has died ${now - press.at} ms after the signal`);
}

/** Without an `onImage` nothing but the report is waited for. */
function patienceOf({ caller, cancelTimeoutMs, shutdownMs }: Tracked): number {
  return caller.onImage === 'none' ? cancelTimeoutMs : Math.max(cancelTimeoutMs, shutdownMs);
}

function isRequesting({ calls }: Simulation, { root, process, origin }: Tracked): boolean {
  return calls.some(
    ({ route, root: number, process: pid, outcome }) =>
      origin === 'start' &&
      (route === 'generateContent' || route === 'predict') &&
      number === root?.number &&
      pid === process.pid &&
      outcome === undefined,
  );
}

/** P5: no promise of an operation settles between the signal and the death of the process. */
export function checkSilentDeath(simulation: Simulation, tracked: Tracked): void {
  const { process, result, label } = tracked;
  const { press } = process;
  if (press === undefined || result === undefined || result.seq < press.seq || !process.isAlive) return;
  if (!tracked.isConcernedBy('signal')) return;
  simulation.violated(new Violation('order of events', `${label}: result() settled while its process was dying`));
}

/** J2: a record leaves the journal when each finished image of its operation was handed over. */
export function checkRemoval(simulation: Simulation, process: SimulatedProcess, id: string): void {
  if (simulation.forgetting.has(id)) return;
  const own = simulation.handles.filter(
    ({ process: its, operation, origin, root }) =>
      its === process && operation.id === id && (origin !== 'start' || root?.isJournaled === true),
  );
  // It was told to go on without its journal: an entry that the store adds after that does not stay (J5).
  if (own.some(({ warnings }) => warnings.some(({ code }) => code === 'journal-failed'))) return;
  for (const tracked of own) {
    for (const { name, state } of tracked.operation.jobs) {
      const job = name === undefined || state !== 'succeeded' ? undefined : simulation.server.jobNamed(name);
      const made = job?.made().filter(({ key }) => tracked.known.has(key)) ?? [];
      if (made.every(({ key }) => isSomewhere(simulation, key))) continue;
      const what = `its record is removed, and an image of ${name ?? ''} was not handed over`;
      simulation.violated(new Violation('no image is lost', `${tracked.label}: ${what}`));
    }
  }
}

function isSomewhere({ handles }: Simulation, key: string): boolean {
  return handles.some((handle) => handle.hasHandedOver(key));
}
