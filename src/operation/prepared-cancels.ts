import type { PreparedCancel } from '../backends/backend.js';
import type { OperationContext } from './context.js';
import type { Job } from './job.js';

/** Access tokens live for an hour at least; they are asked for anew well before that. */
const REFRESH_MS = 4 * 60_000;

/**
 * The cancel calls of an operation's jobs as plain data, kept ready for the exit of the process: once it exits, nothing
 * asynchronous happens any more, and tokens come asynchronously. They hold credentials and never leave the memory.
 */
export class PreparedCancels {
  readonly #context: OperationContext;
  readonly #prepared = new Map<Job, PreparedCancel>();

  constructor(context: OperationContext) {
    this.#context = context;
  }

  /** Prepares the cancel of a job that now has a name, and keeps it fresh until the job is over. */
  async keepReady(job: Job): Promise<void> {
    const { timers, settings, host } = this.#context;
    if (!host.cancelsOnExit || settings.exitTimeoutMs === 0) return;
    while (!job.over.aborted && job.id !== undefined) {
      try {
        const prepared = await job.backend.prepareCancel(job.id);
        if (prepared !== undefined) this.#prepared.set(job, prepared);
      } catch {
        // Without credentials there is no exit path; the calls of the SDK say themselves what is wrong.
      }
      await timers.sleep(REFRESH_MS, job.over);
    }
    this.#prepared.delete(job);
  }

  /** Those that no server has acknowledged yet. */
  pending(): readonly PreparedCancel[] {
    return [...this.#prepared].flatMap(([job, prepared]) =>
      job.end === undefined && job.acknowledgedAt === undefined ? [prepared] : [],
    );
  }
}
