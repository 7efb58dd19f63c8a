import type { JobReference } from '../../src/api/snapshot.js';
import type { JournalContents } from '../../src/journal/read.js';
import { isOpen } from '../../src/journal/record.js';
import { checkCreates } from '../../test/simulation/invariants/creates.js';
import { checkForgotten } from '../../test/simulation/invariants/forgotten.js';
import { checkHandedOver } from '../../test/simulation/invariants/handed-over.js';
import { checkImages } from '../../test/simulation/invariants/images.js';
import { linesOf, readDiaries, type Line } from './diary.js';
import { evidenceOf } from './evidence.js';
import type { TortureServer } from './server.js';

export { openServer } from './server.js';

export interface TorturedProcess {
  readonly pid: number;
  readonly killedAt: number | undefined;
  /** How it ended by itself; `undefined` if it was killed. */
  readonly ownEnd: { readonly code: number | null; readonly signal: string | null; readonly said: string } | undefined;
  readonly isEndless: boolean;
}

/** Returns what is wrong when all is over, and what there is to be counted. */
export function judge(
  server: TortureServer,
  diaries: string,
  journal: JournalContents,
  processes: readonly TorturedProcess[],
): { readonly wrong: readonly string[]; readonly counts: Readonly<Record<string, number>> } {
  const lines = readDiaries(diaries);
  const evidence = evidenceOf(server, lines, journal);
  for (const check of [checkForgotten, checkHandedOver, checkImages, checkCreates]) check(evidence);
  const wrong = [
    ...evidence.violations.map(({ message }) => message),
    ...wrongProcesses(lines, processes),
    ...wrongOwners(lines, processes),
    ...wrongJournal(lines, journal),
  ];
  return { wrong, counts: countsOf(server, lines, journal) };
}

function wrongProcesses(lines: readonly Line[], processes: readonly TorturedProcess[]): readonly string[] {
  const crashes = processes.flatMap(({ pid, ownEnd, isEndless }) => {
    if (ownEnd === undefined || (!isEndless && ownEnd.code === 0)) return [];
    return [`${pid} ended by itself with ${ownEnd.code ?? ownEnd.signal ?? ''}: ${ownEnd.said.slice(0, 500)}`];
  });
  return [...crashes, ...linesOf(lines, 'unhandled').map(({ pid, message }) => `${pid} failed: ${message}`)];
}

/**
 * Each change of owner is one process's, and nothing is taken from one that lives and has not ended it. The simulation looks at
 * this in the moment of the claim; of real processes it is known only afterwards, by the clock.
 */
function wrongOwners(lines: readonly Line[], processes: readonly TorturedProcess[]): readonly string[] {
  const starters = new Map(linesOf(lines, 'start').map(({ id, pid }) => [id, pid]));
  const own = linesOf(lines, 'settled').filter(({ id, pid }) => starters.get(id) === pid);
  const ends = new Map(own.map(({ id, at }) => [id, at]));
  const killedAt = new Map(processes.map(({ pid, killedAt = Infinity }) => [pid, killedAt]));
  const takers = new Map<string, number>();
  const cancelled = linesOf(lines, 'recovered').filter(({ isWrong }) => isWrong);
  const detached = cancelled.map(({ id, pid }) => `${id} was cancelled by ${pid}, though it was detached`);
  const taken = linesOf(lines, 'claim').flatMap(({ id, fence, pid, at }) => {
    const [key, starter = 0] = [`${id} ${fence}`, starters.get(id)];
    const other = takers.get(key);
    takers.set(key, pid);
    return [
      other !== undefined && `${id} was taken by ${other} and by ${pid}, with the fence ${fence}`,
      at < Math.min(killedAt.get(starter) ?? 0, ends.get(id) ?? Infinity) &&
        `${id} was taken by ${pid} while ${starter} had it`,
    ].filter((wrong) => wrong !== false);
  });
  return [...taken, ...detached];
}

/** Everything was recovered, round after round: what is left is in doubt, and nobody's. It never failed, and nothing is torn. */
function wrongJournal(lines: readonly Line[], { operations, unreadable }: JournalContents): readonly string[] {
  const isKnown = (job: JobReference): boolean => job.name !== undefined && isOpen(job);
  const left = operations.filter(
    ({ record, inDoubt, isOrphan }) => inDoubt.length === 0 || record.jobs.some(isKnown) || !isOrphan,
  );
  return [
    ...linesOf(lines, 'settled')
      .filter(({ code = '' }) => /TAKEN_OVER|JOURNAL/.test(code))
      .map(({ id, pid, code }) => `${id} ended in ${pid} with ${code ?? ''}`),
    ...linesOf(lines, 'warning')
      .filter(({ code }) => code === 'journal-failed')
      .map(({ id, message }) => `The journal failed ${id}: ${message}`),
    ...unreadable.map(({ place, problem }) => `Unreadable in the journal: ${place}: ${problem}`),
    ...left.map(({ record }) => `Left in the journal, and not only in doubt: ${JSON.stringify(record)}`),
  ];
}

function countsOf({ world, calls }: TortureServer, lines: readonly Line[], { operations }: JournalContents) {
  const count = (what: Line['what']): number => new Set(linesOf(lines, what).map(({ id }) => id)).size;
  return {
    'operations started': count('start'),
    'operations settled': count('settled'),
    'operations recovered': count('recovered'),
    'operations in doubt in the journal': operations.length,
    'requests to the server': calls.length,
    'jobs on the server': world.work.length,
    'jobs cancelled': world.work.filter(({ record }) => record.endReason === 'cancelled').length,
    'images made': world.work.flatMap((job) => job.made()).length,
    'images delivered': new Set(linesOf(lines, 'image').map(({ key }) => key)).size,
  };
}
