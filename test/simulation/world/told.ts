import { GenaiCancelError, OperationFailedError } from '../../../src/api/errors.js';
import type { JobReference, JobState } from '../../../src/api/snapshot.js';
import type { Leftover } from '../../../src/api/report.js';
import type { UnclaimedImages } from '../../../src/operation/platform.js';
import type { Root } from './roots.js';
import type { ServerJob } from './server.js';
import type { Tracked } from './tracked.js';

/** The words of a handle about jobs that may run, or may have made images that nobody has. */
export interface Telling {
  readonly names: ReadonlySet<string>;
  /** Images whose job has no name. */
  readonly doubts: ReadonlySet<number>;
}

/** The words of a process on stderr before it dies. */
export interface LastWords {
  readonly leftovers: readonly Leftover[];
  readonly unclaimed: readonly UnclaimedImages[];
}

const NAMES = /interactions\/[\w-]+|batches\/\w+|projects\/[\w-]+\/locations\/[\w-]+\/batchPredictionJobs\/\d+/g;
const FINAL: readonly JobState[] = ['succeeded', 'failed', 'cancelled', 'not-started'];

/** Everything that anybody was told in a run, of jobs that may have been left behind. */
export class Told {
  readonly names = new Set<string>();
  readonly #doubts = new Map<number, Set<number>>();

  isInDoubt({ root, indices }: ServerJob): boolean {
    const doubts = this.#doubts.get(root);
    return doubts !== undefined && indices.every((index) => doubts.has(index));
  }

  /** By a warning that is about jobs left behind. */
  byWarning(message: string): void {
    for (const [name] of message.matchAll(NAMES)) this.names.add(name);
  }

  /** By a process on its way out. */
  bySaying({ leftovers, unclaimed }: LastWords): void {
    for (const { name } of [...leftovers, ...unclaimed]) if (name !== undefined) this.names.add(name);
  }

  /** By a handle that has settled. */
  bySettling(tracked: Tracked): void {
    const { names, doubts } = tellingOf(tracked);
    for (const name of names) this.names.add(name);
    if (tracked.root !== undefined) this.doubt(tracked.root.number, doubts);
  }

  doubt(root: number, indices: Iterable<number>): void {
    const known = this.#doubts.get(root) ?? new Set();
    for (const index of indices) known.add(index);
    this.#doubts.set(root, known);
  }
}

/** Collects the words of a handle at its end: from its report, its error, or the errors of its jobs. */
export function tellingOf(tracked: Tracked): Telling {
  const names = new Set<string>();
  const doubts = new Set<number>();
  const [end] = tracked.settled;
  if (end === undefined) return { names, doubts };
  const { report, error } = end;
  for (const job of tracked.operation.jobs) {
    const isUnreadable = job.error instanceof OperationFailedError && job.error.code === 'RESULT_UNREADABLE';
    if (isUnreadable && job.name !== undefined) names.add(job.name);
  }
  if (report !== undefined) {
    // A name that came late stands for a job without one.
    const nameless = report.leftovers.filter(({ name }) => !report.jobs.some((job) => name && job.name === name));
    for (const { name } of report.leftovers) if (name !== undefined) names.add(name);
    const left = report.jobs.filter((job) => job.name === undefined && !FINAL.includes(job.state));
    for (const job of left.slice(0, nameless.length))
      for (const index of indicesOf(job, tracked.root)) doubts.add(index);
    return { names, doubts };
  }
  const jobs = error instanceof GenaiCancelError ? error.jobs : tracked.operation.jobs.filter((job) => job.error);
  for (const job of jobs) {
    if (FINAL.includes(job.state)) continue;
    if (job.name !== undefined) names.add(job.name);
    else for (const index of indicesOf(job, tracked.root)) doubts.add(index);
  }
  return { names, doubts };
}

/** A batch on Vertex does not know how many images it makes. */
export function indicesOf({ indices, index, backend }: JobReference, root: Root | undefined): readonly number[] {
  if (backend === 'batches' && indices === undefined && root !== undefined) return root.indices;
  return indices ?? [index];
}
