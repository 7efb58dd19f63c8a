import { differenceOf } from '../api/snapshot.js';
import { expectNumber, expectOneOf, expected } from '../util/expected.js';
import { createDeferred } from '../util/deferred.js';
import type { JobReference } from '../api/snapshot.js';
import type { Operation } from '../api/handle.js';
import type { ServerReference } from '../api/snapshot.js';
import type { CancelReport } from '../api/report.js';
import type { JoinedEntry } from '../journal/join.js';
import type { Journal, UnreadableEntry } from '../api/journal.js';
import { readEntries, type ReadEntry } from '../journal/read.js';
import { inDoubtOf, isOpen, isReachable, type JournalRecord } from '../journal/record.js';

/** What `recover()` does with operations whose process is gone. */
export type RecoverPolicy = 'attach' | 'cancel';

/** An operation that another process had started, and that is ours now. */
export interface RecoveredOperation {
  readonly id: string;
  readonly tag?: string;
  /** It begins in a later turn, so that the caller can listen first. */
  readonly operation: Operation;
  /** With the policy `cancel`. */
  readonly report?: CancelReport;
}

/**
 * Why a record was skipped:
 *
 * - `detached`: it was detached, to be left running; `cancel` does not touch it.
 * - `other-server`: the client talks to another server, project or location.
 * - `in-doubt`: a response was lost, and its job cannot be found. It may be running.
 * - `lost`: the server denies its jobs 48 h after the start. The record is removed.
 * - `expired`: it was in doubt for 48 h. The record is removed.
 * - `needs-storage`: a batch on Vertex, whose results cannot be read without the option `storage`.
 * - `claimed`: another process has just claimed it.
 */
export type SkipReason = 'detached' | 'other-server' | 'in-doubt' | 'lost' | 'expired' | 'needs-storage' | 'claimed';

/** A record that was not recovered. */
export interface SkippedOperation {
  readonly id: string;
  readonly tag?: string;
  readonly reason: SkipReason;
}

/** Result of `recover()`. */
export interface Recovery {
  readonly operations: readonly RecoveredOperation[];
  readonly skipped: readonly SkippedOperation[];
  /** Entries that cannot be read. They stay where they are. */
  readonly unreadable: readonly UnreadableEntry[];
}

/** The client, as far as recovering needs it. */
export interface Recoverer {
  readonly journal: Journal;
  readonly server: ServerReference;
  readonly hasStorage: boolean;
  readonly now: () => number;
  /** Makes an operation of a claimed record. It begins soon; its record stays at least until `handedOver` resolves. */
  readonly attach: (joined: JoinedEntry & { record: JournalRecord }, handedOver: Promise<undefined>) => Operation;
  /** Reads a job once. Resolves to whether the server denies it (404). */
  readonly isDenied: (record: JournalRecord, name: string) => Promise<boolean>;
}

/** Google expires a job after this time. */
const EXPIRY_MS = 48 * 3_600_000;

/** Operations that are cancelled at a time. */
const CANCELLED_AT_ONCE = 16;

/** Finds the orphans of a journal and deals with them by the policy: only one process claims each. */
export async function recover(
  recoverer: Recoverer,
  policy: RecoverPolicy,
  { limit, filter }: { limit: number; filter: (record: JournalRecord) => boolean },
): Promise<Recovery> {
  const { operations, unreadable } = await readEntries(recoverer.journal);
  const orphans = operations.filter(({ journaled }) => journaled.isOrphan && filter(journaled.record));
  const { promise: handedOver, resolve: handOver } = createDeferred<undefined>();
  const recovered: RecoveredOperation[] = [];
  const skipped: SkippedOperation[] = [];
  for (const orphan of orphans) {
    if (recovered.length >= limit) break;
    try {
      const result = await recoverOne(orphan, recoverer, policy, handedOver);
      if (result === undefined) continue;
      if ('reason' in result) skipped.push(result);
      else recovered.push(result);
    } catch (error) {
      // With an error, the caller would not get the handles of what was claimed. The rest stays for the next call.
      if (recovered.length === 0) throw error;
      break;
    }
  }
  const done = policy === 'cancel' ? await inChunks(recovered, cancelOne) : recovered;
  handOver(undefined);
  return { operations: done, skipped, unreadable };
}

/** `undefined` for a record without anything in it: its owner died while it removed it. */
async function recoverOne(
  { entry, journaled: { id, record } }: ReadEntry,
  recoverer: Recoverer,
  policy: RecoverPolicy,
  handedOver: Promise<undefined>,
): Promise<RecoveredOperation | SkippedOperation | undefined> {
  const identity = { id, ...(record.tag === undefined ? {} : { tag: record.tag }) };
  const reason = skipReasonOf(record, recoverer, policy);
  if (reason !== undefined && reason !== 'expired') return { ...identity, reason };
  const claim = await recoverer.journal.claim(entry);
  if (claim === undefined) return { ...identity, reason: 'claimed' };
  const end = reason ?? (await lostReason(record, recoverer));
  if (end === undefined && record.jobs.length > 0) {
    return { ...identity, operation: recoverer.attach({ claim, record }, handedOver) };
  }
  await recoverer.journal.remove(claim);
  return end && { ...identity, reason: end };
}

/** Tells from the record alone why it is skipped. */
function skipReasonOf(record: JournalRecord, recoverer: Recoverer, policy: RecoverPolicy): SkipReason | undefined {
  const { jobs, startedAt, detachedAt } = record;
  if (isElsewhere(record.server, recoverer.server)) return 'other-server';
  if (policy === 'cancel' && detachedAt !== undefined) return 'detached';
  const isOld = recoverer.now() - startedAt > EXPIRY_MS;
  const isOnlyInDoubt = inDoubtOf(jobs).length > 0 && !jobs.some((job) => job.name !== undefined && isOpen(job));
  if (isOld && isOnlyInDoubt) return 'expired';
  if (isOnlyInDoubt && !jobs.some(isReachable)) return 'in-doubt';
  if (policy === 'attach' && !recoverer.hasStorage && jobs.some((job) => needsStorage(record, job))) {
    return 'needs-storage';
  }
  return undefined;
}

/** Results of Vertex lie in Cloud Storage, unless they were asked for in BigQuery. */
function needsStorage({ server }: JournalRecord, job: JobReference): boolean {
  return server.vertexai && job.backend === 'batches' && isReachable(job) && job.results?.startsWith('bq://') !== true;
}

/** A name of one server, sent to another, could even be the name of somebody else's job. */
function isElsewhere(recorded: ServerReference, ours: ServerReference): boolean {
  if (differenceOf(recorded, ours) !== undefined) return true;
  return recorded.origin !== undefined && recorded.origin !== ours.origin;
}

/** After the expiry a server that denies all jobs has forgotten them. */
async function lostReason(record: JournalRecord, { now, isDenied }: Recoverer): Promise<'lost' | undefined> {
  const names = record.jobs.filter(isReachable).flatMap(({ name }) => name ?? []);
  if (now() - record.startedAt <= EXPIRY_MS || names.length === 0) return undefined;
  const denials = await Promise.all(names.map((name) => isDenied(record, name)));
  return denials.every(Boolean) ? 'lost' : undefined;
}

/** The cancels go out at once; a job that has still to be found is cancelled when it is found. */
async function cancelOne(recovered: RecoveredOperation): Promise<RecoveredOperation> {
  const reason = new DOMException('Its process had ended.', 'AbortError');
  return { ...recovered, report: await recovered.operation.cancel(reason) };
}

/** Works on so many at a time, in order. */
export async function inChunks<In, Out>(all: readonly In[], work: (one: In) => Promise<Out>): Promise<readonly Out[]> {
  const done: Out[] = [];
  for (let start = 0; start < all.length; start += CANCELLED_AT_ONCE) {
    done.push(...(await Promise.all(all.slice(start, start + CANCELLED_AT_ONCE).map(work))));
  }
  return done;
}

/** Checks the options that only `recover()` has. */
export function checkRecoverOptions(options: { policy?: unknown; limit?: unknown; filter?: unknown }): void {
  const { policy, limit, filter } = options;
  expectOneOf('policy', policy, ['attach', 'cancel']);
  expectNumber('limit', limit, 1, 'integer');
  if (filter !== undefined && typeof filter !== 'function') {
    throw new TypeError(expected('filter', 'a function', filter));
  }
}
