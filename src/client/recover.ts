import { differenceOf, type JobReference } from '../api/snapshot.js';
import { expected, expectFunction, expectNumber, expectOneOf } from '../util/expected.js';
import { createDeferred } from '../util/deferred.js';
import type { Operation } from '../api/handle.js';
import type { CloudStorage } from '../api/cloud-storage.js';
import { readOptions, type Settings } from '../api/options.js';
import { failureOf } from '../google/failures.js';
import { serverOf } from '../google/sdk.js';
import type { ExistingJob } from '../operation/job/plan.js';
import { compact } from '../util/json.js';
import { Timers } from '../util/timers.js';
import { existingOperation, type AttachOptions } from './attach.js';
import type { Operations } from './operations.js';
import type { CancelReport } from '../api/report.js';
import type { Journal, UnreadableEntry } from '../api/journal.js';
import { readEntries, type ReadEntry } from '../journal/read.js';
import { inDoubtOf, isOpen, isReachable, type JournalRecord } from '../journal/record.js';

/** The handling of operations whose process is gone. */
export type RecoverPolicy = 'attach' | 'cancel';

/** Options of `recover()`. */
export interface RecoverOptions extends AttachOptions {
  /** `attach` watches the operations and delivers their images. `cancel` cancels them on the server. @default 'attach' */
  policy?: RecoverPolicy | undefined;
  /** The most operations to take: an integer of at least 1. Others stay for other processes. @default no limit */
  limit?: number | undefined;
  /** Chooses operations by their records. Others stay, and are not listed. @default all */
  filter?: ((record: JournalRecord) => boolean) | undefined;
}

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

interface Recovering {
  readonly operations: Operations;
  readonly settings: Settings;
  readonly journal: Journal;
  readonly policy: RecoverPolicy;
  readonly storage: CloudStorage | undefined;
  readonly timers: Timers;
  /** Resolves when the caller gets the operations. */
  readonly handedOver: Promise<undefined>;
}

/** Google expires a job after this time. */
const EXPIRY_MS = 48 * 3_600_000;

/** Time limit of the read that asks whether the server still knows a job. */
const READ_TIMEOUT_MS = 15_000;

const CANCELLED_AT_ONCE = 16;

export async function recover(operations: Operations, options: RecoverOptions = {}): Promise<Recovery> {
  const given = readOptions(options, ['storage', 'policy', 'limit', 'filter']);
  expectOneOf('policy', given.policy, ['attach', 'cancel']);
  expectNumber('limit', given.limit, 1, 'integer');
  expectFunction('filter', given.filter);
  const { policy = 'attach', limit = Infinity, filter = () => true, storage, ...operationOptions } = given;
  const settings = operations.open(operationOptions);
  const journal = expectJournalOf(settings);
  const timers = new Timers(settings.clock);
  const { promise: handedOver, resolve: handOver } = createDeferred<undefined>();
  const recovering = { operations, settings, journal, policy, storage, timers, handedOver };
  const entries = await readEntries(journal);
  const orphans = entries.operations.filter(({ isOrphan, record }) => isOrphan && filter(record));
  const recovered: RecoveredOperation[] = [];
  const skipped: SkippedOperation[] = [];
  for (const orphan of orphans) {
    if (recovered.length >= limit) break;
    try {
      const result = await recoverOne(orphan, recovering);
      if (result === undefined) continue;
      if ('reason' in result) skipped.push(result);
      else recovered.push(result);
    } catch (error) {
      // With an error, the caller would not get the handles of what was claimed. The rest stays for the next call.
      if (recovered.length === 0) throw error;
      break;
    }
  }
  const done = policy === 'cancel' ? await cancelAll(recovered) : recovered;
  handOver(undefined);
  return { operations: done, skipped, unreadable: entries.unreadable };
}

export async function forget(operations: Operations, id: string): Promise<boolean> {
  const journal = expectJournalOf(operations.settings());
  const found = (await readEntries(journal)).operations.find((entry) => entry.id === id && entry.isOrphan);
  const claim = found === undefined ? undefined : await journal.claim(found);
  return claim !== undefined && (await journal.remove(claim));
}

function expectJournalOf({ journal }: Settings): Journal {
  if (journal === undefined)
    throw new TypeError(expected('journal', 'a Journal: there is nothing to look in', journal));
  return journal;
}

/** `undefined` for a record without anything in it: its owner died while it removed it. */
async function recoverOne(
  entry: ReadEntry,
  recovering: Recovering,
): Promise<RecoveredOperation | SkippedOperation | undefined> {
  const { operations, settings, journal, policy, storage, timers, handedOver } = recovering;
  const { id, record } = entry;
  const { tag, startedAt } = record;
  const identity = compact({ id, tag });
  const reason = skipReasonOf(record, recovering);
  if (reason !== undefined && reason !== 'expired') return { ...identity, reason };
  const claim = await journal.claim(entry);
  if (claim === undefined) return { ...identity, reason: 'claimed' };
  const end = reason ?? (await lostReason(record, recovering));
  if (end !== undefined || record.jobs.length === 0) {
    await journal.remove(claim);
    return end && { ...identity, reason: end };
  }
  const plan = existingOperation(operations.client, record, storage);
  const turn = policy === 'attach' ? handedOver.then(() => timers.sleep(0)) : undefined;
  // The record stays at least until the caller has the operation.
  const start = { id, tag, startedAt, record: { claim, record, handedOver } };
  return { ...identity, operation: operations.start(plan, settings, start, turn) };
}

function skipReasonOf(
  record: JournalRecord,
  { operations, policy, storage, timers }: Recovering,
): SkipReason | undefined {
  const { jobs, startedAt, detachedAt } = record;
  const ours = serverOf(operations.client);
  const { origin = ours.origin, vertexai } = record.server;
  // A name of one server, sent to another, could even be the name of somebody else's job.
  if (differenceOf(record.server, ours) !== undefined || origin !== ours.origin) return 'other-server';
  if (policy === 'cancel' && detachedAt !== undefined) return 'detached';
  const isOld = timers.now() - startedAt > EXPIRY_MS;
  const isOnlyInDoubt = inDoubtOf(jobs).length > 0 && !jobs.some((job) => job.name !== undefined && isOpen(job));
  if (isOld && isOnlyInDoubt) return 'expired';
  if (isOnlyInDoubt && !jobs.some(isReachable)) return 'in-doubt';
  // Results of Vertex lie in Cloud Storage, unless they were asked for in BigQuery.
  const isStored = (job: JobReference): boolean =>
    job.backend === 'batches' && isReachable(job) && job.results?.startsWith('bq://') !== true;
  const isUnreadable = policy === 'attach' && storage === undefined && vertexai && jobs.some(isStored);
  return isUnreadable ? 'needs-storage' : undefined;
}

/** After the expiry a server that denies all jobs has forgotten them. */
async function lostReason(record: JournalRecord, { operations, timers }: Recovering): Promise<'lost' | undefined> {
  const jobs = record.jobs.filter((job) => job.name !== undefined && isReachable(job));
  if (timers.now() - record.startedAt <= EXPIRY_MS || jobs.length === 0) return undefined;
  const { existing = [] } = existingOperation(operations.client, { ...record, jobs });
  const all = existing.flatMap((job) => [job, ...job.duplicates.map((id) => ({ ...job, id }))]);
  const denials = all.map((job) => timers.within(isDenied(job), READ_TIMEOUT_MS).catch(() => false));
  return (await Promise.all(denials)).every(Boolean) ? 'lost' : undefined;
}

async function isDenied({ backend, id, indices }: ExistingJob): Promise<boolean> {
  if (!backend.cancelable || id === undefined) return false;
  return backend.read(id, READ_TIMEOUT_MS, indices).then(
    () => false,
    (error: unknown) => failureOf(error).status === 404,
  );
}

/** The cancels go out at once; a job that has still to be found is cancelled when it is found. */
async function cancelAll(recovered: readonly RecoveredOperation[]): Promise<readonly RecoveredOperation[]> {
  const reason = new DOMException('Its process had ended.', 'AbortError');
  const done: RecoveredOperation[] = [];
  for (let start = 0; start < recovered.length; start += CANCELLED_AT_ONCE) {
    const some = recovered.slice(start, start + CANCELLED_AT_ONCE);
    done.push(
      ...(await Promise.all(some.map(async (one) => ({ ...one, report: await one.operation.cancel(reason) })))),
    );
  }
  return done;
}
