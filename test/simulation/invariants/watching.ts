import { isCancel, isRead, type Call } from '../world/calls.js';
import type { Simulation } from '../world/simulation.js';
import { Violation } from '../world/violation.js';

/** A cancel call that is not answered makes the watcher read again after this time. */
const HURRY_MS = 1_000;

/**
 * At the end: each job had one watcher, which reads its status once at a time and has one stream at a time (C5). A cancel may
 * make it leave a read alone that is under way. Several handles of one process each have a watcher of their own.
 */
export function checkWatching(simulation: Simulation): void {
  const byJob = new Map<string, Call[]>();
  for (const call of simulation.calls) {
    if (call.name === undefined || !(isRead(call) || isCancel(call) || call.route === 'stream')) continue;
    const key = `${call.process} ${call.name}`;
    byJob.set(key, [...(byJob.get(key) ?? []), call]);
  }
  for (const calls of byJob.values()) {
    const watchers = watchersOf(simulation, calls);
    checkAtATime(simulation, calls.filter(isRead), watchers, cancelsIn(calls, watchers));
    checkAtATime(simulation, calls.filter(hasBegun), watchers, []);
  }
}

/** Those that make a watcher read: the first of a handle. */
function cancelsIn(calls: readonly Call[], watchers: number): readonly Call[] {
  return calls.filter(isCancel).slice(0, watchers > 1 ? undefined : 1);
}

/** Handles that know the job, or may look after it as a late one or a duplicate. */
function watchersOf({ handles, server }: Simulation, [call]: readonly Call[]): number {
  const root = server.jobNamed(call?.name ?? '')?.root;
  return handles.filter(({ process, root: own, names }) => {
    return process.pid === call?.process && (names.includes(call.name ?? '') || own?.number === root);
  }).length;
}

/** A stream that was asked for cannot be left before its answer comes. */
function hasBegun({ route, record, outcome }: Call): boolean {
  return route === 'stream' && outcome === 'answered' && record?.events !== undefined;
}

function checkAtATime(
  simulation: Simulation,
  calls: readonly Call[],
  watchers: number,
  cancels: readonly Call[],
): void {
  calls.forEach((call, position) => {
    const open = calls.slice(0, position).filter((before) => isOpenAt(before, call, simulation.clock.now()));
    const isLeft = (one: Call): boolean =>
      cancels.some((cancel) => one.at <= cancel.at + HURRY_MS && call.seq > cancel.seq);
    if (open.filter((one) => !isLeft(one)).length < watchers) return;
    const seqs = [...open, call].map(({ seq }) => seq).join(', ');
    simulation.violated(
      new Violation(
        'one watcher',
        `${call.process} had several of ${call.route} ${call.name ?? ''} at a time (${seqs})`,
      ),
    );
  });
}

/** It was under way when the other one was sent. What is left in the same millisecond is left in time, also in the last one. */
function isOpenAt(before: Call, call: Call, endedAt: number): boolean {
  if (call.route === 'stream') return isStreamOpenAt(before, call);
  if (before.delivered !== undefined) return before.delivered.seq > call.seq;
  return (before.leftAt ?? endedAt) > call.at;
}

function isStreamOpenAt({ record, delivered }: Call, call: Call): boolean {
  const begunSeq = call.delivered?.seq ?? Infinity;
  const endedAt = record?.streamEndedAt ?? record?.clientLeftAt ?? Infinity;
  return (delivered?.seq ?? Infinity) < begunSeq && endedAt > (call.delivered?.at ?? Infinity);
}
