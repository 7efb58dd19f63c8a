import type { Backend } from '../backends/backend.js';
import type { Plan } from './plan.js';
import type { ExistingJob } from './plan.js';
import { watchJob } from '../watch/watch-job.js';
import type { OperationContext } from './context.js';
import { runJob } from './fire-and-forget.js';
import { Job, type JobListener } from './job.js';
import { resumeJob, wasNeverStarted } from './resume.js';
import { Slots } from './slots.js';
import { submitJob, type Submission } from './submit.js';

/** Jobs of one operation that may be on the server at a time. */
const DEFAULT_CONCURRENCY = 8;
/** Requests that cannot be cancelled: a cancel saves nothing but those that were not sent yet. */
const DEFAULT_UNCANCELABLE_CONCURRENCY = 1;

/** The jobs of one operation: it limits how many are on the server, and replaces those that the server refuses. */
export class JobFleet {
  readonly #context: OperationContext;
  readonly #listener: JobListener;
  readonly #cancelableSlots: Slots;
  readonly #uncancelableSlots: Slots;
  readonly #existing = new Map<Job, ExistingJob>();
  readonly #fallBack: () => Backend;
  #jobs: readonly Job[];
  /** The backend for jobs that the server does not run in the background, or the error why there is none. */
  #fallback: { readonly backend: Backend } | { readonly error: Error } | undefined;

  /** `fallBack` returns the backend for jobs that the server does not run in the background. It may throw. */
  constructor(plan: Plan, context: OperationContext, listener: JobListener, fallBack: () => Backend) {
    this.#context = context;
    this.#listener = listener;
    this.#fallBack = fallBack;
    const { maxConcurrency } = context.settings;
    this.#cancelableSlots = new Slots(maxConcurrency ?? plan.concurrency ?? DEFAULT_CONCURRENCY);
    this.#uncancelableSlots = new Slots(maxConcurrency ?? DEFAULT_UNCANCELABLE_CONCURRENCY);
    const indices = Array.from({ length: plan.numberOfImages }, (_, index) => index);
    this.#jobs = plan.existing?.map((job) => this.#restore(job)) ?? this.#plan(plan.backend, indices);
  }

  /** In the order of their images. */
  get jobs(): readonly Job[] {
    return this.#jobs;
  }

  /** Brings all jobs to their end. */
  async run(): Promise<void> {
    await Promise.all(this.#jobs.map((job) => this.#live(job)));
  }

  /** Hands a job to the server as soon as there is a slot. The slot is free again when the job has ended, answered or not. */
  async #live(job: Job): Promise<void> {
    const existing = this.#existing.get(job);
    if (existing !== undefined) {
      await untilOver(job, resumeJob(job, existing, this.#context), undefined);
      return;
    }
    const slots = job.backend.cancelable ? this.#cancelableSlots : this.#uncancelableSlots;
    const leave = await slots.enter(() => job.admit());
    try {
      await this.#liveInSlot(job);
    } finally {
      leave();
    }
    if (this.#isReplaceable(job)) await this.#replace(job);
  }

  async #liveInSlot(job: Job): Promise<void> {
    const { backend } = job;
    if (!backend.cancelable) {
      await untilOver(job, runJob(job, backend, this.#context), undefined);
      return;
    }
    // The server has refused a sibling: this one would be refused too.
    if (this.#isReplaceable(job)) return;
    const submission: Promise<Submission | undefined> = submitJob(job, backend, this.#context);
    if ((await untilOver(job, submission, undefined)) === 'background-refused') {
      job.returned();
      this.#fallback ??= this.#chooseFallback();
    } else if (!job.over.aborted) {
      await watchJob(job, backend, this.#context);
    }
  }

  /** Whether another backend has to make its images, since nothing of it is on the server. */
  #isReplaceable(job: Job): boolean {
    return this.#fallback !== undefined && job.backend.cancelable && job.state === 'waiting';
  }

  #chooseFallback(): { readonly backend: Backend } | { readonly error: Error } {
    try {
      return { backend: this.#fallBack() };
    } catch (error) {
      return { error: error as Error };
    }
  }

  async #replace(refused: Job): Promise<void> {
    if (this.#context.stopped.aborted || this.#fallback === undefined) {
      refused.finish({ kind: 'not-started' });
      return;
    }
    if ('error' in this.#fallback) {
      const { error } = this.#fallback;
      refused.finish({ kind: 'not-started', failure: () => error });
      return;
    }
    const replacements = this.#plan(this.#fallback.backend, refused.indices);
    const kept = this.#jobs.filter((job) => job !== refused);
    this.#jobs = [...kept, ...replacements].sort((one, other) => one.index - other.index);
    refused.close();
    await Promise.all(replacements.map((job) => this.#live(job)));
  }

  #restore(existing: ExistingJob): Job {
    const job = new Job(existing.indices, existing.backend, this.#listener, existing.displayName);
    job.admit();
    if (existing.id !== undefined && existing.backend.cancelable) job.accepted(existing.id);
    // A cancel that comes before it is looked into must not call it not started.
    else if (!wasNeverStarted(existing.state)) job.submitting();
    this.#existing.set(job, existing);
    return job;
  }

  #plan(backend: Backend, indices: readonly number[]): readonly Job[] {
    return backend.plan(indices).map((some) => new Job(some, backend, this.#listener));
  }
}

/** Settles like `promise`, or with `otherwise` as soon as the job is over: an answer may never come. */
function untilOver<T, Otherwise>({ over }: Job, promise: Promise<T>, otherwise: Otherwise): Promise<T | Otherwise> {
  if (over.aborted) return Promise.resolve(otherwise);
  return new Promise((resolve, reject) => {
    const end = (): void => resolve(otherwise);
    over.addEventListener('abort', end);
    promise.then(resolve, reject).finally(() => over.removeEventListener('abort', end));
  });
}
