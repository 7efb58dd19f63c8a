import {
  isCancel,
  isCreate,
  isLate,
  isRead,
  isRubbish,
  wasAnsweredTruly,
  type Call,
  type Moment,
} from '../world/calls.js';
import type { Simulation } from '../world/simulation.js';
import type { Tracked } from '../world/tracked.js';

/** Whether a handle knows something. `perhaps`: its process was told, and the handle may have missed it. */
export type Knowledge = 'no' | 'perhaps' | 'yes';

/** A watcher may give an answer up after this time, and reads again. */
const SHORTEST_READ_MS = 3_000;
/** A watcher may read beside a stream that has something to say. */
const LONGEST_READ_MS = 15_000;
/** A cancel makes the watcher give an answer up and read again, this long after the cancel call at the latest. */
const HURRY_MS = 1_000;

/** C5: the server has told how the job ended, in a status read or in the terminal event of its stream. */
export function toldOfEnd(simulation: Simulation, tracked: Tracked, name: string, until: Moment): Knowledge {
  const calls = callsAbout(simulation, tracked, name);
  const told = calls.filter((call) => endedBy(call, until));
  if (told.length === 0) return 'no';
  const isHeard = told.some((call) => isSurelyHeard(call, calls, until));
  return isHeard && isUndisturbed(simulation, tracked, name) ? 'yes' : 'perhaps';
}

/** The server has told how many rows a batch on Vertex has. */
export function toldOfRows(simulation: Simulation, tracked: Tracked, name: string, until: Moment): Knowledge {
  const calls = simulation.calls.filter(
    (call) => call.process === tracked.process.pid && (call.name ?? call.record?.job) === name,
  );
  const told = calls.filter((call) => tellsRows(call) && call.wasBegun === true && isToldBy(call, until));
  if (told.length === 0) return 'no';
  // Of a create that is answered when nobody waits any more, only the name counts.
  const { submitMs } = tracked.root?.options.limits ?? {};
  const isHeard = told.some((call) => isSurelyHeard(call, calls, until) && !(isCreate(call) && isLate(call, submitMs)));
  return isHeard && isUndisturbed(simulation, tracked, name) ? 'yes' : 'perhaps';
}

/** When the process was first told of the end of a job. */
export function firstToldAt(simulation: Simulation, tracked: Tracked, name: string, until: Moment): number {
  const told = callsAbout(simulation, tracked, name).filter((call) => endedBy(call, until));
  return Math.min(...told.map(({ toldOfEnd: event, delivered }) => (event ?? delivered)?.at ?? Infinity));
}

/** The answer came in this turn, or in the one before: the library may still be at work on it. */
export function isFresh({ delivered }: Call, { turn }: Moment): boolean {
  return delivered !== undefined && delivered.turn >= turn - 1;
}

function callsAbout({ calls }: Simulation, { process: { pid } }: Tracked, name: string): readonly Call[] {
  return calls.filter((call) => call.process === pid && call.name === name);
}

function tellsRows(call: Call): boolean {
  return isRead(call) || call.route === 'batch-create';
}

function endedBy(call: Call, until: Moment): boolean {
  if (call.toldOfEnd !== undefined && call.toldOfEnd.seq < until.seq) return true;
  return isRead(call) && call.wasEnded === true && isToldBy(call, until);
}

function isToldBy(call: Call, { seq }: Moment): boolean {
  return wasAnsweredTruly(call) && call.delivered !== undefined && call.delivered.seq < seq;
}

function isSurelyHeard(call: Call, calls: readonly Call[], until: Moment): boolean {
  const { delivered, toldOfEnd: event, at } = call;
  if (event !== undefined) return event.at + LONGEST_READ_MS < until.at;
  // The library takes no status of an interaction from an answer of another content type.
  if (isRubbish(call)) return false;
  if (delivered === undefined || isFresh(call, until) || delivered.at - at >= SHORTEST_READ_MS) return false;
  const cancel = calls.find(isCancel);
  return cancel === undefined || delivered.seq < cancel.seq || at > cancel.at + HURRY_MS;
}

/** It is the only one that reads the job in its process, which has neither slept nor lost its journal. */
function isUndisturbed({ handles, suspected }: Simulation, { process }: Tracked, name: string): boolean {
  const readers = handles.filter((other) => other.process === process && other.names.includes(name));
  const { hasBadStore, life, pid } = process;
  return readers.length < 2 && !hasBadStore && !suspected.has(pid) && life.freezes.length === 0;
}
