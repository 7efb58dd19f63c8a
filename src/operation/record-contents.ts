import type { WarningCode } from '../api/events.js';
import type { Job } from './job/job.js';
import type { JobReference, OperationSnapshot } from '../api/snapshot.js';
import { compact } from '../util/json.js';
import { duplicatesOf, recordText, type JournalRecord } from '../journal/record.js';

export interface RecordedOperation {
  jobs(): readonly Job[];
  snapshot(): OperationSnapshot;
  unclaimed(): readonly { readonly job: Job }[];
  /** This process lives on, and its caller may still ask for the images. */
  isStillNeeded(): boolean;
  takenOver(): void;
  warn(code: WarningCode, message: string): void;
  /** `OperationRecorder.queue` has become busy or idle. */
  busyChanged(): void;
}

/** Contents of one operation's record: its snapshot, and facts that only the journal needs. */
export class RecordContents {
  detachedAt: number | undefined;
  /** Jobs whose create may be on its way: the record says so, whatever their state is. */
  readonly announced = new Set<Job>();
  readonly lateNames = new Map<Job, string>();
  readonly lateEnds = new Set<Job>();
  readonly #duplicates = new Map<string, JobReference>();
  readonly #operation: Pick<RecordedOperation, 'jobs' | 'snapshot' | 'unclaimed'>;
  #former: Partial<JournalRecord> = {};

  constructor(operation: Pick<RecordedOperation, 'jobs' | 'snapshot' | 'unclaimed'>) {
    this.#operation = operation;
  }

  /** A job may still be running, or nobody has the images that it made. */
  get isAnythingLeft(): boolean {
    return this.#referencesOf(this.#left()).length > 0;
  }

  /** Keeps the facts of a former owner. It was detached there, not here. */
  continue({ detachedAt, ...record }: JournalRecord): void {
    this.#former = record;
    const { jobs } = record;
    for (const job of jobs.filter((one) => duplicatesOf(one, jobs).includes(one))) {
      if (job.name !== undefined) this.#duplicates.set(job.name, job);
    }
  }

  addDuplicate(job: Job, name: string): void {
    const { lastStatus, results, ...reference } = job.reference();
    this.#duplicates.set(name, { ...reference, name, state: 'queued' });
  }

  removeDuplicate(name: string): void {
    this.#duplicates.delete(name);
  }

  /** Returns the record at a moment in ms since the epoch. After the end it holds only the jobs that are left. */
  textAt(writtenAt: number, isSettled: boolean): string {
    return recordText({
      ...this.#operation.snapshot(),
      ...this.#former,
      jobs: this.#referencesOf(isSettled ? this.#left() : this.#operation.jobs()),
      writtenAt,
      ...compact({ detachedAt: this.detachedAt }),
    });
  }

  /** Requests without a name are left out: nobody can find them again, and their images exist in this process only. */
  #left(): readonly Job[] {
    const unclaimed = new Set(this.#operation.unclaimed().map(({ job }) => job));
    return this.#operation.jobs().filter((job) => {
      if (unclaimed.has(job) && job.name !== undefined) return true;
      const isUnknown = job.end === undefined || job.end.kind === 'unknown';
      return isUnknown && job.backend.cancelable && !this.lateEnds.has(job);
    });
  }

  #referencesOf(jobs: readonly Job[]): readonly JobReference[] {
    const names = this.#operation.jobs().map(({ name }) => name);
    const duplicates = [...this.#duplicates.values()].filter(({ name }) => !names.includes(name));
    return [...jobs.map((job) => this.#referenceOf(job)), ...duplicates];
  }

  #referenceOf(job: Job): JobReference {
    const reference = { ...job.reference(), ...this.#placeOf(job) };
    const name = this.lateNames.get(job);
    if (name !== undefined) return { ...reference, name, state: 'queued' };
    return reference.state === 'waiting' && this.announced.has(job) ? { ...reference, state: 'submitting' } : reference;
  }

  /** A job that was attached to by its name alone does not know which images of its operation it makes. */
  #placeOf({ name }: Job): Partial<Pick<JobReference, 'index' | 'indices'>> {
    const former = this.#former.jobs?.find((job) => job.name !== undefined && job.name === name);
    return compact({ index: former?.index, indices: former?.indices });
  }
}
