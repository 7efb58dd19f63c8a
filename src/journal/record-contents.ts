import type { Job } from '../operation/job.js';
import type { JobReference } from '../operation/job-snapshot.js';
import type { OperationSnapshot } from '../operation/snapshot.js';
import { inDoubtOf, recordText, type JournalRecord } from './record.js';

/** An operation that can be described. */
export interface DescribedOperation {
  jobs(): readonly Job[];
  snapshot(): OperationSnapshot;
  /** With `journalPrompts: true`. */
  readonly prompts: readonly string[] | undefined;
}

/** What stands in the record of one operation: what it looks like from outside, and what only its journal needs to know. */
export class RecordContents {
  detachedAt: number | undefined;
  readonly #operation: DescribedOperation;
  /** Jobs whose create may be on its way: so they are written down, whatever they are yet. */
  readonly #announced = new Set<Job>();
  /** Names that came after the operation had settled. */
  readonly #lateNames = new Map<Job, string>();
  readonly #lateEnds = new Set<Job>();
  /** Jobs of which there may be another one, under the same display name. */
  readonly #suspected = new Set<Job>();
  /** The names of others that have turned up, and could not be cancelled. */
  readonly #twins = new Map<Job, readonly string[]>();
  #former: Partial<JournalRecord> = {};

  constructor(operation: DescribedOperation) {
    this.#operation = operation;
  }

  /** Something may be running still, or has made something that nobody has got. */
  get isAnythingLeft(): boolean {
    return this.#left().length > 0;
  }

  announce(job: Job): void {
    this.#announced.add(job);
  }

  /** Its create will not be sent. */
  withdraw(job: Job): void {
    this.#announced.delete(job);
  }

  isAnnounced(job: Job): boolean {
    return this.#announced.has(job);
  }

  lateName(job: Job, name: string): void {
    this.#lateNames.set(job, name);
  }

  lateEnd(job: Job): void {
    this.#lateEnds.add(job);
  }

  suspect(job: Job): void {
    this.#suspected.add(job);
  }

  /** There is no other one any more, but for these. */
  clear(job: Job, twins: readonly string[]): void {
    this.#suspected.delete(job);
    if (twins.length > 0) this.#twins.set(job, twins);
  }

  isSuspected(job: Job): boolean {
    return this.#suspected.has(job);
  }

  /**
   * Keeps what a former owner knew. What it did holds no more: it is watched again, and of what is in doubt now nobody was
   * told yet.
   */
  continue({ detachedAt, reportedAt, ...record }: JournalRecord): void {
    this.#former = record;
  }

  /** The record at a moment in ms since the epoch. Of an operation that has settled only what is left counts. */
  textAt(writtenAt: number, isSettled: boolean): string {
    const { prompts } = this.#operation;
    const jobs = isSettled ? this.#left() : this.#all();
    return recordText({
      ...this.#operation.snapshot(),
      ...(prompts === undefined ? {} : { prompts }),
      ...this.#former,
      jobs,
      writtenAt,
      ...(this.detachedAt === undefined ? {} : { detachedAt: this.detachedAt }),
      // Its end has been told, and with it what is in doubt.
      ...(isSettled && inDoubtOf(jobs).length > 0 ? { reportedAt: writtenAt } : {}),
    });
  }

  #all(): readonly JobReference[] {
    return this.#operation.jobs().flatMap((job) => this.#withTwins(job));
  }

  /** Requests without a name are not: they cannot be found again. */
  #left(): readonly JobReference[] {
    return this.#operation.jobs().flatMap((job) => {
      const isUnknown = job.end === undefined || job.end.kind === 'unknown';
      const isLeft = isUnknown && job.backend.cancelable && !this.#lateEnds.has(job);
      if (isLeft) return this.#withTwins(job);
      return this.#suspected.has(job) ? [twinOf(this.#referenceOf(job))] : this.#twinsOf(job);
    });
  }

  /** If it has no name itself, its twins are what would be found under its display name. */
  #withTwins(job: Job): readonly JobReference[] {
    const reference = this.#referenceOf(job);
    const twins = this.#twinsOf(job);
    return reference.name === undefined && twins.length > 0 ? twins : [reference, ...twins];
  }

  #twinsOf(job: Job): readonly JobReference[] {
    return (this.#twins.get(job) ?? []).map((name) => ({ ...twinOf(this.#referenceOf(job)), name, state: 'queued' }));
  }

  #referenceOf(job: Job): JobReference {
    const reference = { ...job.reference(), ...(this.#suspected.has(job) ? { createdTwice: true } : {}) };
    const name = this.#lateNames.get(job);
    if (name !== undefined) return { ...reference, name, state: 'queued' };
    return reference.state === 'waiting' && this.#announced.has(job)
      ? { ...reference, state: 'submitting' }
      : reference;
  }
}

/** What has only a display name is looked for. */
function twinOf({ name, lastStatus, results, ...job }: JobReference): JobReference {
  return { ...job, state: 'unknown' };
}
