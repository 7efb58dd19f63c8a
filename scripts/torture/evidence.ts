import { systemClock } from '../../src/util/clock.js';
import type { JournalContents } from '../../src/journal/read.js';
import type { Evidence, HandleEvidence, ProcessEvidence } from '../../test/simulation/invariants/evidence.js';
import { attentive } from '../../test/simulation/world/caller.js';
import type { Root } from '../../test/simulation/world/roots.js';
import { Told } from '../../test/simulation/world/told.js';
import type { Violation } from '../../test/simulation/world/violation.js';
import { linesOf, type Line, type LineOf } from './diary.js';
import type { TortureServer } from './server.js';

/** Puts what was seen of processes that were killed into the form that the invariants of the simulation judge. */
export function evidenceOf(
  { world, calls }: TortureServer,
  lines: readonly Line[],
  journal: JournalContents,
): Evidence & { readonly violations: readonly Violation[] } {
  const roots = linesOf(lines, 'start').map(rootOf);
  const byNumber = new Map(roots.map((root) => [root.number, root]));
  const byId = new Map(roots.map((root) => [root.id, root]));
  const violations: Violation[] = [];
  const processes = Array.from({ length: Math.max(...lines.map(({ pid }) => pid)) }, (_, index) => dead(index + 1));
  return {
    clock: systemClock,
    server: world,
    calls,
    roots,
    rootNumbered: (number = 0) => byNumber.get(number),
    suspected: new Set(),
    entries: new Map(journal.operations.map(({ id, record }) => [id, { text: JSON.stringify(record) }])),
    processes,
    handles: handlesOf(lines, byId, processes, indicesOfImages(world)),
    told: toldBy(lines, byId),
    violations,
    violated: (violation) => violations.push(violation),
  };
}

function rootOf({ number, pid, id, images, isBatch }: LineOf<'start'>): Root {
  const indices = Array.from({ length: images }, (_, index) => index);
  const unknown = { startedSeq: 0, vertex: false, options: {}, isJournaled: true, isForgotten: false };
  return { number, pid, id, indices, isBatch, ...unknown };
}

/** When all is over no process is left. */
function dead(pid: number): ProcessEvidence {
  const life = { state: 'dead', awakeBy: (deadline: number) => deadline } as const;
  return { pid, isAlive: false, death: undefined, press: undefined, life };
}

/** A response does not say which image is which: that is taken from the server. */
function indicesOfImages({ work }: TortureServer['world']): ReadonlyMap<string, number> {
  return new Map(work.flatMap((job) => job.made().map(({ key, index }) => [key, index])));
}

function handlesOf(
  lines: readonly Line[],
  byId: ReadonlyMap<string, Root>,
  processes: readonly ProcessEvidence[],
  indices: ReadonlyMap<string, number>,
): readonly HandleEvidence[] {
  const begins = [...linesOf(lines, 'start'), ...linesOf(lines, 'claim')];
  const images = linesOf(lines, 'image');
  const none = { initialJobs: [], names: [], receipts: [], settled: [] };
  const over = { ...none, isConcernedBy: () => false, isSettled: true, isStopped: false };
  return begins.map(({ what, pid, id }) => {
    const root = byId.get(id);
    const origin = what === 'start' ? 'start' : 'recover';
    const own = images.filter((line) => line.pid === pid && line.id === id);
    return {
      origin,
      root,
      label: `${origin} of ${root?.number ?? id} in ${pid}`,
      operation: { id, jobs: [] },
      process: processes[pid - 1] ?? dead(pid),
      images: own.map(({ at, key, index = indices.get(key) ?? -1 }, seq) => {
        return { seq, at, index, image: { imageBytes: key } };
      }),
      caller: attentive,
      hasHandedOver: (key) => own.some((image) => image.key === key),
      ...over,
    };
  });
}

/** Holds what anybody was told of jobs that were left behind. A name that had landed is never covered by a doubt. */
function toldBy(lines: readonly Line[], byId: ReadonlyMap<string, Root>): Evidence['told'] {
  const [told, landed] = [new Told(), new Set<string>()];
  for (const line of lines) {
    const root = byId.get(line.id);
    if ('jobs' in line && root !== undefined) {
      for (const { name, indices = [], isInDoubt = false } of line.jobs) {
        if (name !== undefined) landed.add(name);
        else if (isInDoubt) told.doubt(root.number, indices);
      }
    }
    // It had completed when its name came, and its operation had ended: all that is left to do is to say so.
    if (line.what === 'warning' && line.code.startsWith('late-job') && /completed|SUCCEEDED/.test(line.message)) {
      told.byWarning(line.message);
    }
  }
  return {
    names: told.names,
    isInDoubt: (job) => !(job.record.name !== undefined && landed.has(job.record.name)) && told.isInDoubt(job),
  };
}
