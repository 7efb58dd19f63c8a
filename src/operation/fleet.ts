import type { Backend } from '../backends/backend.js';
import type { Choice } from '../backends/choose.js';
import type { ExistingJob } from '../backends/existing.js';
import { watchJob } from '../watch/watch-job.js';
import type { OperationContext } from './context.js';
import { runJob } from './fire-and-forget.js';
import { Job, type JobListener } from './job.js';
import { resumeJob, wasNeverStarted } from './resume.js';
import { submitJob, type Submission } from './submit.js';

/** The jobs of one operation: how many are on the server at once, and who makes the images of those that it refuses. */
export class JobFleet {
  readonly #context: OperationContext;
  readonly #listener: JobListener;
  readonly #waiting: (() => void)[] = [];
  readonly #existing = new Map<Job, ExistingJob>();
  #jobs: readonly Job[];
  #running = 0;

  constructor(choice: Choice, context: OperationContext, listener: JobListener) {
    this.#context = context;
    this.#listener = listener;
    const indices = Array.from({ length: choice.numberOfImages }, (_, index) => index);
    this.#jobs = choice.existing?.map((job) => this.#restore(job)) ?? this.#plan(choice.backend, indices);
  }

  /** In the order of their images. */
  get jobs(): readonly Job[] {
    return this.#jobs;
  }

  /**
   * Brings all jobs to their end. `fallBack` gives the backend for the images of jobs that the server does not run in the
   * background; they are asked for together, once it is known which these are.
   */
  async run(fallBack: () => Backend): Promise<void> {
    const refused: Job[] = [];
    const submissions: Promise<unknown>[] = [];
    const lives = this.#jobs.map((job) => {
      const submission = this.#submit(job);
      submissions.push(submission.then(({ isRefused }) => isRefused && refused.push(job)));
      return submission.then(({ life }) => life);
    });
    await Promise.all(submissions);
    if (refused.length > 0) lives.push(this.#replace(refused, fallBack));
    await Promise.all(lives);
  }

  async #replace(refused: readonly Job[], fallBack: () => Backend): Promise<void> {
    if (this.#context.stopped.aborted) {
      for (const job of refused) job.finish({ kind: 'not-started' });
      return;
    }
    let replacements: readonly Job[];
    try {
      const indices = refused.flatMap((job) => job.indices);
      replacements = this.#plan(fallBack(), indices);
    } catch (error) {
      for (const job of refused) job.finish({ kind: 'failed', failure: () => error as Error });
      return;
    }
    const kept = this.#jobs.filter((job) => !refused.includes(job));
    this.#jobs = [...kept, ...replacements].sort((one, other) => one.index - other.index);
    for (const job of refused) job.close();
    await Promise.all(replacements.map(async (job) => (await this.#submit(job)).life));
  }

  /** Hands a job to the server as soon as there is room for it. It makes room again when it is over, answered or not. */
  async #submit(job: Job): Promise<{ isRefused: boolean; life: Promise<void> }> {
    const leave = await this.#enter();
    const { backend } = job;
    const existing = this.#existing.get(job);
    if (existing !== undefined) {
      const life = untilOver(job, resumeJob(job, existing, this.#context), undefined);
      return { isRefused: false, life: life.finally(leave) };
    }
    if (!backend.cancelable) {
      return { isRefused: false, life: untilOver(job, runJob(job, backend, this.#context), undefined).finally(leave) };
    }
    const submission: Promise<Submission | undefined> = submitJob(job, backend, this.#context);
    const isRefused = (await untilOver(job, submission, undefined)) === 'background-refused';
    if (isRefused) job.returned();
    const life = isRefused || job.over.aborted ? Promise.resolve() : watchJob(job, backend, this.#context);
    return { isRefused, life: life.finally(leave) };
  }

  async #enter(): Promise<() => void> {
    if (this.#running < this.#context.settings.maxConcurrency) this.#running++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return () => {
      const next = this.#waiting.shift();
      // Whoever waits takes the place over: nobody can slip in between.
      if (next === undefined) this.#running--;
      else next();
    };
  }

  #restore(existing: ExistingJob): Job {
    const job = new Job(existing.indices, existing.backend, this.#listener, existing.displayName);
    if (existing.id !== undefined && existing.backend.cancelable) job.accepted(existing.id);
    // A stop that comes before it is looked into must not call it not started.
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
