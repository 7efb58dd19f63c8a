import { differenceOf } from '../backends/server.js';
import { expectKnownNames, expectNumber, expected } from '../expected.js';
import { createDeferred } from '../operation/deferred.js';
import type { JobReference } from '../operation/job-snapshot.js';
import type { Operation } from '../operation/operation.js';
import type { ServerReference } from '../operation/snapshot.js';
import type { CancelReport } from '../stop/report.js';
import type { JoinedEntry } from './join.js';
import type { Journal, UnreadableEntry } from './journal.js';
import { readEntries, type JournaledOperation, type ReadEntry } from './read.js';
import { inDoubtOf, isReachable, type JournalRecord } from './record.js';

/**
 * What to do about operations whose process is gone: `attach` watches them on and delivers what they make, `cancel` cancels
 * them on the server, `list` only tells.
 */
export type RecoverPolicy = 'attach' | 'cancel' | 'list';

/** An operation that another process had started. */
export interface ListedOperation extends JournaledOperation {
  /**
   * Jobs that may have been started without their name ever having been received: they may be running and being paid for. With
   * `attach` batches among them are being looked for, and found or not when `operation.submitted()` settles; with `cancel` they
   * were. For interactions nothing more can be done.
   */
  readonly inDoubt: readonly JobReference[];
}

/** One that is ours now. It begins in a later turn, so that whoever has it can listen first. */
export interface AttachedOperation extends ListedOperation {
  /** Watches, delivers and cancels like the original. */
  readonly operation: Operation;
}

/** One that was cancelled. Jobs whose end is not confirmed stay in the journal. */
export interface RecoveredByCancel extends AttachedOperation {
  readonly report: CancelReport;
}

/** Why an orphan was left alone: another client has to recover it, or it was detached to be left running. */
export interface LeftAloneOperation extends JournaledOperation {
  readonly why: 'other-server' | 'detached';
}

/** What `images.recover()` found. */
export interface Recovery<Recovered extends ListedOperation = ListedOperation> {
  readonly operations: readonly Recovered[];
  readonly leftAlone: readonly LeftAloneOperation[];
  /** What is in the journal and cannot be read: left where it is. */
  readonly unreadable: readonly UnreadableEntry[];
}

/** What recovering needs of the client. */
export interface Recoverer {
  readonly journal: Journal;
  readonly server: ServerReference;
  /** Makes an operation of what was claimed. It begins soon; its record stays at least until `handedOver` resolves. */
  readonly attach: (joined: JoinedEntry & { record: JournalRecord }, handedOver: Promise<undefined>) => Operation;
}

/** For how long after its start a batch without a name is looked for by everyone who recovers. */
const LOOKED_FOR_MS = 3_600_000;

/** How many operations are cancelled at once. */
const CANCELLED_AT_ONCE = 16;

/** Finds the orphans of a journal and deals with them by the policy: each is claimed by one process only. */
export async function recover(
  recoverer: Recoverer,
  policy: RecoverPolicy,
  { limit, filter }: { limit: number; filter: (record: JournalRecord) => boolean },
): Promise<Recovery<ListedOperation & Partial<RecoveredByCancel>>> {
  const { operations, unreadable } = await readEntries(recoverer.journal);
  const orphans = operations.filter(({ journaled }) => journaled.isOrphan && filter(journaled.record));
  const leftAlone: LeftAloneOperation[] = [];
  const wanted: ReadEntry[] = [];
  for (const orphan of orphans) {
    const why = whyLeftAlone(orphan.journaled, recoverer.server, policy);
    if (why !== undefined) leftAlone.push({ ...orphan.journaled, why });
    else if (policy === 'list' || hasSomethingToDo(orphan.journaled)) wanted.push(orphan);
  }
  if (policy === 'list') {
    return { operations: wanted.slice(0, limit).map(({ journaled }) => journaled), leftAlone, unreadable };
  }
  const { promise: handedOver, resolve: handOver } = createDeferred<undefined>();
  const attached = await claimSome(wanted, limit, recoverer, handedOver);
  const recovered = policy === 'cancel' ? await inChunks(attached, cancelOne) : attached;
  handOver(undefined);
  return { operations: recovered, leftAlone, unreadable };
}

function whyLeftAlone(
  { record }: JournaledOperation,
  server: ServerReference,
  policy: RecoverPolicy,
): LeftAloneOperation['why'] | undefined {
  if (differenceOf(record.server, server) !== undefined) return 'other-server';
  // A name of one server, sent to another, could even be the name of somebody else's job.
  const isOtherOrigin = record.server.origin !== undefined && record.server.origin !== server.origin;
  if (isOtherOrigin) return 'other-server';
  return policy === 'cancel' && record.detachedAt !== undefined ? 'detached' : undefined;
}

/** Or somebody has still to be told of it, if only that nothing of it was ever started: then its record can go. */
function hasSomethingToDo({ record: { jobs, startedAt, reportedAt } }: JournaledOperation): boolean {
  if (reportedAt === undefined) return true;
  // What was not listed so long after it was created never will be: to look again and again would cost more each time.
  const isLookedFor = reportedAt - startedAt > LOOKED_FOR_MS;
  return jobs.some((job) => isReachable(job) && !(isLookedFor && job.name === undefined));
}

async function claimSome(
  wanted: readonly ReadEntry[],
  limit: number,
  { journal, attach }: Recoverer,
  handedOver: Promise<undefined>,
): Promise<readonly AttachedOperation[]> {
  const attached: AttachedOperation[] = [];
  for (const { entry, journaled } of wanted) {
    if (attached.length >= limit) break;
    const claim = await journal.claim(entry);
    if (claim === undefined) continue;
    // Its owner died between its end and the removal of its record: there is nothing to attach to.
    if (journaled.record.jobs.length === 0) {
      await journal.remove(claim);
      continue;
    }
    attached.push({ ...journaled, operation: attach({ claim, record: journaled.record }, handedOver) });
  }
  return attached;
}

/** The cancels go out at once; a job that has still to be looked for is cancelled when it is found. */
async function cancelOne(attached: AttachedOperation): Promise<RecoveredByCancel> {
  const { operation } = attached;
  const report = await operation.cancel(new DOMException('It was left behind.', 'AbortError'));
  return { ...attached, inDoubt: inDoubtOf(operation.jobs), report };
}

async function inChunks<In, Out>(all: readonly In[], work: (one: In) => Promise<Out>): Promise<readonly Out[]> {
  const done: Out[] = [];
  for (let start = 0; start < all.length; start += CANCELLED_AT_ONCE) {
    done.push(...(await Promise.all(all.slice(start, start + CANCELLED_AT_ONCE).map(work))));
  }
  return done;
}

/** Checks what is special about the options of `recover()`. */
export function checkRecoverOptions(options: { policy?: unknown; limit?: unknown; filter?: unknown }): void {
  expectKnownNames('options', options, Object.keys(options));
  const { policy, limit, filter } = options;
  if (policy !== 'attach' && policy !== 'cancel' && policy !== 'list') {
    throw new TypeError(expected('policy', "'attach', 'cancel' or 'list'", policy));
  }
  expectNumber('limit', limit, 1, 'integer');
  if (filter !== undefined && typeof filter !== 'function') {
    throw new TypeError(expected('filter', 'a function', filter));
  }
}
