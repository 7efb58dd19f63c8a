import type { Backend, CancelTemplate, PreparedCancel } from '../google/port.js';
import type { Platform } from './platform.js';
import type { OperationContext } from './job/context.js';
import type { Job } from './job/job.js';

/** Access tokens live for an hour at least; they are asked for anew well before that. */
const REFRESH_MS = 4 * 60_000;

/**
 * The cancel calls of an operation's jobs as plain data, for the exit of the process: nothing asynchronous happens then, and
 * tokens come asynchronously. So the credentials are fetched while the creates are on their way, and lie ready when the
 * names arrive. They never leave the memory.
 */
export class PreparedCancels {
  readonly #jobs: () => readonly Job[];
  /** An operation that falls back has jobs of two backends, whose calls go to different addresses. */
  readonly #templates = new Map<Backend, CancelTemplate>();

  constructor(jobs: () => readonly Job[]) {
    this.#jobs = jobs;
  }

  /** Keeps the credentials fresh until the operation has settled. */
  async keepReady(backend: Backend, { timers, settings, closed }: OperationContext, host: Platform): Promise<void> {
    if (!host.cancelsOnExit || settings.limits.exitMs === 0 || !backend.cancelable) return;
    while (!closed.aborted) {
      try {
        const template = await backend.prepareCancel();
        if (template !== undefined) this.#templates.set(backend, template);
      } catch {
        // Without credentials there is no exit path; the calls of the SDK say themselves what is wrong.
      }
      await timers.sleep(REFRESH_MS, closed);
    }
    this.#templates.delete(backend);
  }

  pending(): readonly PreparedCancel[] {
    return this.#jobs().flatMap(({ id, end, facts, backend }) => {
      const template = this.#templates.get(backend);
      if (template === undefined || id === undefined) return [];
      return end !== undefined || facts.acknowledgedAt !== undefined ? [] : [template(id)];
    });
  }
}
