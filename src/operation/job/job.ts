import { Latch } from '../../util/latch.js';
import type { Backend, CancelableBackend, JobStatus } from '../../google/port.js';
import { lostEnd, wasMade, type JobEnd } from './job-end.js';
import { describeEvent, next, noFacts, type JobEvent, type JobFacts } from './job-facts.js';
import type { ExistingJob } from './plan.js';
import type { CancelledJob } from '../../api/report.js';
import { createDeferred, type Deferred } from '../../util/deferred.js';
import type { JobReference, JobSnapshot, JobState } from '../../api/snapshot.js';
import { compact } from '../../util/json.js';
import { createDisplayName } from '../../util/token.js';

/** A server that has a new word each time is not reported each time. */
const MAX_UNKNOWN_STATUSES = 5;

/** After so many reads that answer 404, a name that the caller gave is taken for denied. */
const DENIED_READS = 3;

/** Writes a line for debugging. The text is made only where somebody reads it. It has no prompt, key, header or image. */
export type Debug = (describe: () => string) => void;

/** The operation, as far as its jobs report to it. */
export interface JobListener {
  changed(job: Job): void;
  unknownStatus(job: Job): void;
  readonly debug?: Debug;
}

type Origin = Pick<ExistingJob, 'displayName' | 'isGiven'>;

/** One job on the server. Its facts change in `take()` only. */
export class Job<Of extends Backend = Backend> {
  readonly backend: Of;
  /** Unique to it: a lost create is found again by it, where the API can list. */
  readonly displayName: string;
  readonly isGiven: boolean;
  /** Resolves when the server has accepted it; rejects when it never will. */
  readonly named: Deferred<string> = createDeferred();
  /** Jobs of its create whose ids came after it was given up: each is cancelled once. */
  readonly lateJobs = new Map<string, Job>();
  /** Aborts when nothing more is to be done for the job: it ended, or its operation did. */
  readonly over = new Latch();
  /** Aborts when a cancel wants to know the end of the job: its watcher reads sooner from then on. */
  readonly hurried = new Latch();
  /** Aborts when something hints at a change on the server: its watcher reads once for it. */
  readonly hinted = new Latch();
  /** Aborts when no further cancel call is to be sent: it ended, or the time for the report is over. */
  readonly cancelOver = new Latch();
  readonly #planned: readonly number[];
  readonly #listener: JobListener;
  #facts = noFacts;
  #unknownStatuses = 0;
  #error: Error | undefined;

  constructor(indices: readonly number[], backend: Of, listener: JobListener, origin: Origin = {}) {
    this.#planned = indices;
    this.backend = backend;
    this.#listener = listener;
    this.displayName = origin.displayName ?? createDisplayName();
    this.isGiven = origin.isGiven === true;
  }

  get facts(): JobFacts {
    return this.#facts;
  }

  /** The images that it makes: as planned, or as many as it has turned out to have made. */
  get indices(): readonly number[] {
    if (this.#planned.length > 0 || this.end?.kind !== 'completed') return this.#planned;
    return this.end.outputs.map((_, position) => position);
  }

  get index(): number {
    return this.indices[0] ?? 0;
  }

  get id(): string | undefined {
    return this.#facts.id;
  }

  get name(): string | undefined {
    return this.id !== undefined && this.backend.cancelable ? this.backend.nameOf(this.id) : undefined;
  }

  get label(): string {
    return `${this.name ?? `image ${this.index}`} (${this.backend.name})`;
  }

  get state(): JobState {
    return this.#facts.state;
  }

  get end(): JobEnd | undefined {
    return this.#facts.end;
  }

  get lastStatus(): string | undefined {
    return this.#facts.status?.status;
  }

  /** The server has completed it, and what it made is still to be fetched. */
  get needsOutput(): boolean {
    return this.end === undefined && this.#facts.status?.phase === 'succeeded';
  }

  /** The place where the server writes its images, if they are not in the answer. */
  get results(): string | undefined {
    return this.#facts.status?.results;
  }

  get progress(): NonNullable<JobStatus['progress']> {
    const reported = this.#facts.status?.progress;
    const total = this.#planned.length || (reported?.total ?? this.indices.length);
    const completed = this.end?.kind === 'completed' ? this.end.outputs.filter(wasMade).length : reported?.completed;
    return { completed: completed ?? 0, total };
  }

  /** Whether it may be on the server, and its create was neither answered nor given up. */
  get isAwaited(): boolean {
    return this.#facts.isAdmitted && !this.isAccepted && !this.over.aborted;
  }

  /** Whether the server has named it. A request that never gets a name counts once the transport has it. */
  get isAccepted(): boolean {
    return this.id !== undefined || (!this.backend.cancelable && this.state === 'running');
  }

  /** Whether a cancel waits for its end now. */
  get isHurried(): boolean {
    return this.hurried.aborted && !this.cancelOver.aborted;
  }

  get wakes(): readonly Latch[] {
    return this.hurried.aborted ? [this.over] : [this.over, this.hurried];
  }

  get isCancelRefused(): boolean {
    return this.#facts.isRefusedAgain && this.#facts.acknowledgedAt === undefined;
  }

  /** Says what to check if the server denies a name that the caller gave, and has never told its status. */
  get denial(): string | undefined {
    const { deniedReads, observedAt, acknowledgedAt } = this.#facts;
    if (!this.isGiven || deniedReads < DENIED_READS) return undefined;
    if (observedAt !== undefined || acknowledgedAt !== undefined) return undefined;
    return `The server denies ${this.name ?? 'the job'} (404): check the name, the API key, the project and the base URL.`;
  }

  /** Learns of an event: changes the facts, and tells everybody whom that concerns. */
  take(event: JobEvent): void {
    const before = this.#facts;
    const facts = next(before, event, this.#planned.length);
    this.#facts = facts;
    this.#listener.debug?.(() => `${this.label}: ${describeEvent(event)}`);
    if (event.type === 'named' || event.type === 'found') this.named.resolve(event.id);
    if (event.type === 'observed' && facts !== before) this.#checkStatus(before, event.status);
    if (facts.end !== before.end) this.#ended();
    else if (event.type === 'found' || event.type === 'handed-over' || isFurther(before, facts))
      this.#listener.changed(this);
    const { denial } = this;
    // The cancel and three reads were answered by 404.
    if (facts.isCancelDenied && facts.end === undefined && denial !== undefined) this.finish(lostEnd(() => denial));
  }

  #checkStatus({ status: last }: JobFacts, { phase, status }: JobStatus): void {
    const isKnown = phase !== 'unknown' || (last?.phase === phase && last.status === status);
    if (!isKnown && this.#unknownStatuses++ < MAX_UNKNOWN_STATUSES) this.#listener.unknownStatus(this);
  }

  #ended(): void {
    this.#error = this.end?.failure?.([this.reference()]);
    if (this.id === undefined) this.named.reject(this.#error ?? new Error('The job was not started.'));
    this.close();
    this.#listener.changed(this);
  }

  observe(status: JobStatus, at: number): void {
    this.take({ type: 'observed', status, at });
  }

  finish(end: JobEnd): void {
    this.take({ type: 'ended', end });
  }

  /** Ends every wait for the job, whatever became of it. */
  close(): void {
    this.over.abort();
    this.cancelOver.abort();
  }

  reference(): JobReference {
    const { index, indices, name, lastStatus, results } = this;
    return compact({
      index,
      indices: indices.length < 2 ? undefined : indices,
      backend: this.backend.name,
      name,
      displayName: this.backend.cancelable && this.backend.find ? this.displayName : undefined,
      state: this.state,
      lastStatus,
      results,
    });
  }

  snapshot(): JobSnapshot {
    return compact({ ...this.reference(), error: this.#error });
  }

  report(): CancelledJob {
    const { cancelRequests, acknowledgedAt, confirmedAt } = this.#facts;
    return compact({ ...this.snapshot(), cancelRequests, acknowledgedAt, confirmedAt });
  }
}

/** A job that has a name, and can be watched and cancelled. */
export type CancelableJob = Job<CancelableBackend>;

export function isCancelable(job: Job): job is CancelableJob {
  return job.backend.cancelable;
}

/** Whether the last status brought a new word, or more images. */
function isFurther({ status: last }: JobFacts, { status }: JobFacts): boolean {
  if (status === last) return false;
  if (last?.phase !== status?.phase || last?.status !== status?.status) return true;
  return last?.progress?.completed !== status?.progress?.completed;
}
