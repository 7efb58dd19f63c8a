import { Latch } from '../../util/latch.js';
import type { Backend, JobOutput, JobStatus } from '../../google/port.js';
import type { FailureFactory } from '../../api/errors.js';
import { cancelledElsewhere, lostEnd, endOf, isOlder, stateOfEnd, wasMade } from './job-end.js';
import type { JobEnd } from './job-end.js';
import type { CancelledJob, Usage } from '../../api/report.js';
import { createDeferred, type Deferred } from '../../util/deferred.js';
import type { JobReference, JobSnapshot, JobState } from '../../api/snapshot.js';
import { compact } from '../../util/json.js';
import { createDisplayName } from '../../util/token.js';

/** Two refusals of a cancel that are so far apart are no accident. */
const REFUSALS_APART_MS = 2_000;

/** A server that has a new word each time is not reported each time. */
const MAX_UNKNOWN_STATUSES = 5;

/** After so many reads that answer 404, a name that the caller gave is taken for denied. */
const DENIED_READS = 3;

/** The operation, as far as its jobs report to it. */
export interface JobListener {
  changed(job: Job): void;
  unknownStatus(job: Job): void;
}

/** One job: what the server last said of it, and how it ended. The first terminal status is the truth and stays. */
export class Job {
  readonly backend: Backend;
  /** Unique to it: what to find it again by, where the API can list, when the answer to its create was lost. */
  readonly displayName: string;
  /** Resolves when the server has accepted it; rejects when it never will. */
  readonly named: Deferred<string> = createDeferred();
  /** Ids that came after the end of its operation: each is cancelled once. */
  readonly lateIds = new Set<string>();
  /** Aborts when nothing more is to be done for the job: it ended, or its operation did. */
  readonly over = new Latch();
  /** Aborts when a cancel wants to know the end of the job: its watcher reads sooner from then on. */
  readonly hurried = new Latch();
  /** Aborts when no further cancel call is to be sent: it ended, or the time for the report is over. */
  readonly cancelOver = new Latch();
  /** The caller gave its name, which may be wrong. */
  isGiven = false;
  cancelRequests = 0;
  acknowledgedAt: number | undefined;
  usage: Usage | undefined;
  /** When its status was last read, in ms since the epoch. */
  observedAt: number | undefined;
  /** Images that it made beyond the planned ones. */
  extras: readonly JobOutput[] = [];
  /** Whether a request for it may have left the process. */
  wasSent = false;
  readonly #planned: readonly number[];
  readonly #listener: JobListener;
  #firstRefusalAt: number | undefined;
  #isRefusedAgain = false;
  #deniedReads = 0;
  #isCancelDenied = false;
  #isAdmitted = false;
  #state: JobState = 'waiting';
  #id: string | undefined;
  #lastStatus: JobStatus | undefined;
  #unknownStatuses = 0;
  #confirmedAt: number | undefined;
  #end: JobEnd | undefined;
  #error: Error | undefined;
  #withdrawal: FailureFactory | undefined;

  constructor(
    indices: readonly number[],
    backend: Backend,
    listener: JobListener,
    displayName: string = createDisplayName(),
  ) {
    this.#planned = indices;
    this.backend = backend;
    this.#listener = listener;
    this.displayName = displayName;
  }

  /** The images that it makes: as planned, or as many as it has turned out to have made. */
  get indices(): readonly number[] {
    if (this.#planned.length > 0 || this.#end?.kind !== 'completed') return this.#planned;
    return this.#end.outputs.map((_, position) => position);
  }

  get index(): number {
    return this.indices[0] ?? 0;
  }

  /** The server's name for it, without prefix. */
  get id(): string | undefined {
    return this.#id;
  }

  get name(): string | undefined {
    return this.#id !== undefined && this.backend.cancelable ? this.backend.nameOf(this.#id) : undefined;
  }

  get state(): JobState {
    return this.#state;
  }

  get end(): JobEnd | undefined {
    return this.#end;
  }

  get lastStatus(): string | undefined {
    return this.#lastStatus?.status;
  }

  /** The server has completed it, and what it made is still to be fetched. */
  get needsOutput(): boolean {
    return this.#end === undefined && this.#lastStatus?.phase === 'succeeded';
  }

  /** Its images, as far as they are known before they are fetched. */
  get pendingOutputs(): readonly JobOutput[] | undefined {
    return this.needsOutput ? this.#lastStatus?.pending : undefined;
  }

  /** The place where the server writes its images, if they are not in the answer. */
  get results(): string | undefined {
    return this.#lastStatus?.results;
  }

  /** How many of its images there are already. */
  get progress(): NonNullable<JobStatus['progress']> {
    const reported = this.#lastStatus?.progress;
    const total = this.#planned.length || (reported?.total ?? this.indices.length);
    if (this.#end?.kind !== 'completed') return { completed: reported?.completed ?? 0, total };
    return { completed: this.#end.outputs.filter(wasMade).length, total };
  }

  /** Whether it may be on the server, and its create was neither answered nor given up. */
  get isAwaited(): boolean {
    return this.#isAdmitted && !this.isAccepted && this.#end === undefined && !this.over.aborted;
  }

  /** Whether the server has named it. A request that never gets a name counts once the transport has it. */
  get isAccepted(): boolean {
    return this.#id !== undefined || (!this.backend.cancelable && this.#state === 'running');
  }

  /** It has one of the places that an operation has on the server. */
  admit(): void {
    this.#isAdmitted = true;
  }

  submitting(): void {
    this.wasSent = true;
    this.#state = 'submitting';
  }

  /** Whether a cancel waits for its end now. */
  get isHurried(): boolean {
    return this.hurried.aborted && !this.cancelOver.aborted;
  }

  /** The signals that end a pause of its watcher. */
  get wakes(): readonly Latch[] {
    return this.hurried.aborted ? [this.over] : [this.over, this.hurried];
  }

  /** The report is made. The watch goes on at its usual pace, without keeping the process alive. */
  leaveToWatch(): void {
    this.cancelOver.abort();
  }

  /** Counts a cancel call that the server refused. */
  cancelRefused(at: number): void {
    this.#firstRefusalAt ??= at;
    this.#isRefusedAgain ||= at - this.#firstRefusalAt >= REFUSALS_APART_MS;
  }

  /** Whether the server refused its cancel twice, at least 2 s apart, and acknowledged none. */
  get isCancelRefused(): boolean {
    return this.#isRefusedAgain && this.acknowledgedAt === undefined;
  }

  /** Counts a 404. A name that the caller gave is given up when it was denied to the cancel and to three reads. */
  denied(call: 'cancel' | 'read'): void {
    if (call === 'cancel') this.#isCancelDenied = true;
    else this.#deniedReads++;
    const { denial } = this;
    if (this.#isCancelDenied && denial !== undefined) this.finish(lostEnd(() => denial));
  }

  /** Says what to check if the server denies a name that the caller gave, and has never told its status. */
  get denial(): string | undefined {
    if (!this.isGiven || this.#deniedReads < DENIED_READS) return undefined;
    if (this.observedAt !== undefined || this.acknowledgedAt !== undefined) return undefined;
    return `The server denies ${this.name ?? 'the job'} (404): check the name, the API key, the project and the base URL.`;
  }

  /** The library takes it back: once the server confirms its cancel, it counts as not started, for this reason. */
  withdraw(reason: FailureFactory): void {
    this.#withdrawal = reason;
  }

  /** Nothing of it is on the server: its create is to be sent again, or another backend makes its images. */
  returned(): void {
    this.#state = 'waiting';
  }

  /** A request without a name has been handed over: that is all there ever is to know before its answer. */
  handedOver(): void {
    this.#state = 'running';
    this.#listener.changed(this);
  }

  accepted(id: string): void {
    this.#id = id;
    this.#state = 'queued';
    this.named.resolve(id);
  }

  /** Its name became known without a status, from a list or from a late answer. */
  found(id: string): void {
    this.accepted(id);
    this.#listener.changed(this);
  }

  /** Takes a status from wherever it was read. */
  observe(status: JobStatus, at: number): void {
    const last = this.#lastStatus;
    if (this.#end !== undefined || isOlder(status, last)) return;
    const { phase, progress, usage } = status;
    const known = last?.phase === phase && last.status === status.status;
    const isFurther = last?.progress?.completed !== progress?.completed;
    this.#lastStatus = status;
    this.observedAt = at;
    this.usage = usage ?? this.usage;
    if (phase === 'unknown' && !known && this.#unknownStatuses++ < MAX_UNKNOWN_STATUSES)
      this.#listener.unknownStatus(this);
    if (phase === 'running' || (phase === 'queued' && this.#state !== 'running')) this.#state = phase;
    const end = endOf(status);
    if (end === undefined) {
      if (!known || isFurther) this.#listener.changed(this);
      return;
    }
    this.#confirmedAt = at;
    this.finish(end.kind === 'cancelled' ? this.#cancelledEnd() : this.#withoutExtras(end));
  }

  /** Splits off the images beyond the planned number. */
  #withoutExtras(end: JobEnd): JobEnd {
    const { length } = this.#planned;
    if (end.kind !== 'completed' || length === 0) return end;
    this.extras = end.outputs.slice(length);
    return { ...end, outputs: end.outputs.slice(0, length) };
  }

  #cancelledEnd(): JobEnd {
    if (this.#withdrawal !== undefined) return { kind: 'not-started', failure: this.#withdrawal };
    return compact({ kind: 'cancelled' as const, failure: this.cancelRequests > 0 ? undefined : cancelledElsewhere });
  }

  /** Settles how it ended. Later ends are ignored. */
  finish(end: JobEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#state = stateOfEnd[end.kind];
    if ('failure' in end) this.#error = end.failure([this.reference()]);
    this.named.reject(this.#error ?? new Error('The job was not started.'));
    this.close();
    this.#listener.changed(this);
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
      state: this.#state,
      lastStatus,
      results,
    });
  }

  snapshot(): JobSnapshot {
    return compact({ ...this.reference(), error: this.#error });
  }

  report(): CancelledJob {
    const { cancelRequests, acknowledgedAt } = this;
    return compact({ ...this.snapshot(), cancelRequests, acknowledgedAt, confirmedAt: this.#confirmedAt });
  }
}
