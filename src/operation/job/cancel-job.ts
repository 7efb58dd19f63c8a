import type { CancelableBackend } from '../../google/port.js';
import { failureOf, type CallFailure } from '../../google/failures.js';
import type { Job } from './job.js';
import { retry } from './retry.js';
import type { Timers } from '../../util/timers.js';

/** A cancelled job is asked once more if it still runs so long after it was acknowledged. */
const ASK_AGAIN_MS = 2_000;
/** One try of the cancel call. It has its own limit, so that one lost answer does not use up the whole budget. */
const CALL_TIMEOUT_MS = 2_000;
/** Without an answer to the cancel call, the status is read after this time. */
const READ_ANYWAY_MS = 1_000;

const cancels = new WeakMap<Job, Promise<void>>();

/**
 * Cancels one job on the server, once: a later call joins the first one. When the name is known, the call has been handed to
 * the SDK before this returns; else it is sent as soon as the create is answered. The job's watcher confirms the end: this
 * makes it read sooner. Resolves when there is nothing more to send. Never rejects.
 */
export function cancelJob(job: Job, timers: Timers): Promise<void> {
  const cancel = cancels.get(job) ?? cancelOnce(job, timers);
  cancels.set(job, cancel);
  return cancel;
}

async function cancelOnce(job: Job, timers: Timers): Promise<void> {
  const { backend } = job;
  if (job.end !== undefined || !backend.cancelable) return;
  if (job.id === undefined) {
    const named = await job.named.promise.then(
      () => true,
      () => false,
    );
    if (!named || job.cancelOver.aborted) return;
  }
  await new JobCancel(job, backend, timers).run();
}

/** What an answer to the cancel call means. None of them says anything about the job. */
type CancelAnswer = 'acknowledged' | 'refused' | 'doubtful';

class JobCancel {
  readonly #job: Job;
  readonly #backend: CancelableBackend;
  readonly #timers: Timers;

  constructor(job: Job, backend: CancelableBackend, timers: Timers) {
    this.#job = job;
    this.#backend = backend;
    this.#timers = timers;
  }

  async run(): Promise<void> {
    const drop = this.#timers.after(READ_ANYWAY_MS, () => this.#job.hurry());
    await this.#deliver();
    drop();
  }

  /**
   * Asks, and asks again: once if it was acknowledged and nothing happens, until the budget ends if it was not. Where a
   * cancel can be sent once only, an acknowledgement is the end of it, and so is a refusal: an earlier one has arrived.
   */
  async #deliver(): Promise<void> {
    let acknowledgements = 0;
    for (let attempt = 0; acknowledgements < 2 && !this.#job.cancelOver.aborted; attempt++) {
      const answer = await this.#ask();
      this.#job.hurry();
      if (this.#backend.cancelOnce === true && answer !== 'doubtful') return;
      if (answer === 'acknowledged') acknowledgements++;
      const pauseMs = answer === 'acknowledged' ? ASK_AGAIN_MS : Math.min(500 * 2 ** attempt, ASK_AGAIN_MS);
      await this.#timers.sleep(pauseMs, this.#job.cancelOver);
    }
  }

  async #ask(): Promise<CancelAnswer> {
    const { cancelOver } = this.#job;
    const policy = {
      retries: 8,
      firstDelayMs: 250,
      maxDelayMs: 2_000,
      // The budget is short and the GPU works on: no server is given more time than we take ourselves.
      maxRetryAfterMs: 2_000,
      wakes: [cancelOver],
      shouldRetry: ({ status }: CallFailure) => !cancelOver.aborted && isTransient(status),
    };
    try {
      await retry(() => this.#send(), policy, this.#timers);
    } catch (error) {
      // Whatever it says, what counts is the status.
      const { status } = failureOf(error);
      if (status !== undefined && status >= 400 && status < 500) this.#job.cancelRefused(this.#timers.now());
      return status === 400 ? 'refused' : 'doubtful';
    }
    this.#job.acknowledgedAt ??= this.#timers.now();
    return 'acknowledged';
  }

  async #send(): Promise<void> {
    const { id } = this.#job;
    if (id === undefined) return;
    this.#job.cancelRequests++;
    try {
      await this.#timers.within(this.#backend.cancel(id, CALL_TIMEOUT_MS), CALL_TIMEOUT_MS, this.#job.cancelOver);
    } catch (error) {
      // A cancel that took effect has been seen answered by 499 CANCELLED.
      if (failureOf(error).status !== 499) throw error;
    }
  }
}

function isTransient(status: number | undefined): boolean {
  return status === undefined || status === 408 || status === 429 || status >= 500 || status < 300;
}
