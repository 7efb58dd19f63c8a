import type { Backend } from '../google/port.js';
import type { RemoteError } from '../api/errors.js';
import { cancelJob } from './job/cancel-job.js';
import type { ExistingJob, Fallback, Plan } from './job/plan.js';
import { watchJob } from './job/watch-job.js';
import type { OperationContext } from './job/context.js';
import { runJob } from './job/fire-and-forget.js';
import { isCancelable, Job, type CancelableJob, type JobListener } from './job/job.js';
import { attachJob, wasNeverStarted } from './job/attach-job.js';
import { Slots } from '../util/slots.js';
import { submitJob } from './job/submit.js';

const DEFAULT_CONCURRENCY = 8;
/** Requests that cannot be cancelled: a cancel saves nothing but those that were not sent yet. */
const DEFAULT_UNCANCELABLE_CONCURRENCY = 1;

type FallBack = (refusal: RemoteError) => Fallback | undefined;

/** The jobs of one operation: it limits how many are on the server, and replaces those that the server refuses. */
export class JobPool {
  readonly #context: OperationContext;
  readonly #listener: JobListener;
  readonly #cancelableSlots: Slots;
  readonly #uncancelableSlots: Slots;
  readonly #existing = new Map<Job, ExistingJob>();
  readonly #fallBack: FallBack;
  #jobs: readonly Job[];
  /** Known from the first refusal on. */
  #fallback: Fallback | undefined;

  constructor(plan: Plan, context: OperationContext, listener: JobListener, fallBack: FallBack) {
    this.#context = context;
    this.#listener = listener;
    this.#fallBack = fallBack;
    const { maxConcurrency } = context.settings;
    const slots = (limit: number): Slots => new Slots((taken) => taken < limit);
    this.#cancelableSlots = slots(maxConcurrency ?? plan.concurrency ?? DEFAULT_CONCURRENCY);
    this.#uncancelableSlots = slots(maxConcurrency ?? DEFAULT_UNCANCELABLE_CONCURRENCY);
    const indices = Array.from({ length: plan.numberOfImages }, (_, index) => index);
    this.#jobs = plan.existing?.map((job) => this.#restore(job)) ?? this.#plan(plan.backend, indices);
  }

  get jobs(): readonly Job[] {
    return this.#jobs;
  }

  async run(): Promise<void> {
    await Promise.all(this.#jobs.map((job) => this.#live(job)));
  }

  /** Hands a job to the server as soon as there is a slot. The slot is free again when the job has ended, answered or not. */
  async #live(job: Job): Promise<void> {
    const existing = this.#existing.get(job);
    if (existing !== undefined) {
      await orOver(job, attachJob(job, existing, this.#context));
      return;
    }
    const { backend } = job;
    const slots = backend.cancelable ? this.#cancelableSlots : this.#uncancelableSlots;
    const leave = await slots.enter(() => job.take({ type: 'admitted' }));
    try {
      if (isCancelable(job)) await this.#liveOnServer(job);
      else if (!backend.cancelable) await orOver(job, runJob(job, backend, this.#context));
    } finally {
      leave();
    }
    if (this.#isReplaceable(job)) await this.#replace(job);
  }

  async #liveOnServer(job: CancelableJob): Promise<void> {
    // The server has refused a sibling: this one would be refused too.
    if (this.#isReplaceable(job)) return;
    const submission = await orOver(job, submitJob(job, this.#context));
    if (job.over.aborted) return;
    if (submission === 'submitted') await watchJob(job, this.#context, true);
    else {
      job.take({ type: 'returned' });
      if (typeof submission === 'object') this.#refuse(submission.error);
    }
  }

  /** Whether another backend has to make its images, since nothing of it is on the server. */
  #isReplaceable(job: Job): boolean {
    return this.#fallback !== undefined && job.backend.cancelable && job.state === 'waiting';
  }

  #refuse(refusal: RemoteError): void {
    this.#fallback ??= this.#fallBack(refusal);
    if (this.#fallback === undefined || 'backend' in this.#fallback || !this.#context.settings.requireCancelable)
      return;
    // The caller wants all of them or none.
    const { failure } = this.#fallback;
    for (const job of this.#jobs) {
      if (job.state === 'waiting') continue;
      job.take({ type: 'withdrawn', withdrawal: failure });
      void cancelJob(job, this.#context);
    }
  }

  async #replace(refused: Job): Promise<void> {
    const fallback = this.#context.stopped.aborted ? undefined : this.#fallback;
    if (fallback === undefined || 'failure' in fallback) {
      refused.finish({ kind: 'not-started', ...fallback });
      return;
    }
    const replacements = this.#plan(fallback.backend, refused.indices);
    const kept = this.#jobs.filter((job) => job !== refused);
    this.#jobs = [...kept, ...replacements].sort((one, other) => one.index - other.index);
    refused.close();
    await Promise.all(replacements.map((job) => this.#live(job)));
  }

  #restore(existing: ExistingJob): Job {
    const job = new Job(existing.indices, existing.backend, this.#listener, existing);
    job.take({ type: 'admitted' });
    if (existing.id !== undefined && existing.backend.cancelable) job.take({ type: 'named', id: existing.id });
    // A cancel that comes before it is looked into must not call it not started.
    else if (!wasNeverStarted(existing.state)) job.take({ type: 'sent' });
    this.#existing.set(job, existing);
    return job;
  }

  #plan(backend: Backend, indices: readonly number[]): readonly Job[] {
    return backend.plan(indices).map((some) => new Job(some, backend, this.#listener));
  }
}

/** Settles like `promise`, or as soon as the job is over: an answer may never come. */
function orOver<T>({ over }: Job, promise: Promise<T>): Promise<T | undefined> {
  return Promise.race([promise, over.reached().then(() => undefined)]);
}
