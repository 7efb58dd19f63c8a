/**
 * Bugs that neighbours have, or had (`test/pitfalls`, by its numbers), and some that a journal can have: each as
 * patches of the sources. The simulation has to find them.
 */
export const bugs = [
  {
    name: 'an abort is handed to a create (3)',
    patches: [
      {
        file: 'operation/submit.ts',
        search: '() => backend.create(job.indices, job.displayName),',
        replace: `() =>
        Promise.race([
          backend.create(job.indices, job.displayName),
          new Promise<never>((_, reject) => context.stopped.addEventListener('abort', () => reject(new Error('aborted')))),
        ]),`,
      },
    ],
  },
  {
    name: 'a stop before the name is known is lost (4)',
    patches: [
      {
        file: 'stop/stop-job.ts',
        search: `  if (job.id === undefined) {
    const named`,
        replace: `  if (job.id === undefined) {
    if (timers.now() > 0) return;
    const named`,
      },
    ],
  },
  {
    name: 'any answer to the cancel counts as cancelled (5)',
    patches: [
      {
        file: 'stop/stop-job.ts',
        search: 'this.#job.acknowledgedAt ??= this.#timers.now();',
        replace: "this.#job.acknowledgedAt ??= this.#timers.now();\n    this.#job.finish({ kind: 'cancelled' });",
      },
    ],
  },
  {
    name: 'a 499 is taken for a failure (6)',
    patches: [{ file: 'stop/stop-job.ts', search: 'failure.status !== 499', replace: 'failure.status !== 0' }],
  },
  {
    name: 'the cancel is sent again by each trigger (8)',
    patches: [
      {
        file: 'operation/run.ts',
        search: 'if (this.#stop !== undefined) return this.callers.report.promise;',
        replace: `if (this.#stop !== undefined) {
      for (const job of this.jobs) void cancelJob(job, this.#timers);
      return this.callers.report.promise;
    }`,
      },
    ],
  },
  {
    name: 'a cancel has no deadline (9)',
    patches: [
      {
        file: 'operation/run.ts',
        search: 'this.#timers.after(this.#settings.cancelTimeoutMs, () => this.#settle())',
        replace: 'this.#timers.after(1e9, () => this.#settle())',
      },
    ],
  },
  {
    name: 'a timeout only rejects (11)',
    patches: [
      {
        file: 'operation/run.ts',
        search: `    this.#stop = stop;
    for (const job of this.jobs) void cancelJob(job, this.#timers);`,
        replace: `    this.#stop = stop;
    for (const job of this.jobs) if (trigger !== 'timeout') void cancelJob(job, this.#timers);`,
      },
    ],
  },
  {
    name: 'a create is sent again after a lost answer (12)',
    patches: [
      {
        file: 'operation/submit-failure.ts',
        search: 'return neverSent || status === 429 || status === 503;',
        replace: 'return neverSent || status === undefined || status === 429 || status >= 500;',
      },
    ],
  },
  {
    name: 'the poller lives on after the end (15)',
    patches: [
      {
        file: 'watch/watch-job.ts',
        search: `  #isOver(): boolean {
    return this.#job.over.aborted;`,
        replace: `  #isOver(): boolean {
    return this.#job.end !== undefined;`,
      },
      {
        file: 'watch/watch-job.ts',
        search: 'await this.#context.timers.sleep(this.#pauseMs(resumable), this.#job.over);',
        replace: 'await this.#context.timers.sleep(this.#pauseMs(resumable));',
      },
    ],
  },
  {
    name: 'a listener stays on the signal of the caller (17)',
    patches: [{ file: 'stop/signal.ts', search: "    signal.removeEventListener('abort', onAbort);\n", replace: '' }],
  },
  {
    name: 'the cancel ends the reading of the status (20)',
    patches: [
      {
        file: 'stop/stop-job.ts',
        search: 'await Promise.all([this.#deliver(), this.#confirm()]);',
        replace: 'await Promise.all([this.#deliver(), this.#answered]);',
      },
      {
        file: 'watch/watch-job.ts',
        search: `  #isOver(): boolean {
    return this.#job.over.aborted;`,
        replace: `  #isOver(): boolean {
    return this.#job.over.aborted || this.#context.stopped.aborted;`,
      },
    ],
  },
  {
    name: 'a later trigger takes the place of the first (26)',
    patches: [
      {
        file: 'operation/run.ts',
        search: 'if (this.#stop !== undefined) return this.callers.report.promise;',
        replace: `if (this.#stop !== undefined) {
      this.#stop = { trigger, reason, requestedAt: this.#timers.now() };
      return this.callers.report.promise;
    }`,
      },
    ],
  },
  {
    name: 'a name that comes after the report is not cancelled',
    patches: [
      {
        file: 'operation/submit.ts',
        search: 'if (job.over.aborted) return cancelLateJob(job, backend, status, context);',
        replace: 'if (job.over.aborted) return;',
      },
    ],
  },
  {
    name: 'a record leaves the journal with its operation, whatever runs',
    patches: [
      {
        file: 'journal/record-contents.ts',
        search: `  get isAnythingLeft(): boolean {
    return this.#left().length > 0;`,
        replace: `  get isAnythingLeft(): boolean {
    return this.#left().length > 1_000;`,
      },
    ],
  },
  {
    name: 'recover() takes what lives',
    patches: [
      {
        file: 'journal/recover.ts',
        search: 'journaled.isOrphan && filter(journaled.record)',
        replace: 'filter(journaled.record)',
      },
      {
        file: 'journal/memory.ts',
        search: 'entry?.fence !== fence || !isOrphan(entry)',
        replace: 'entry?.fence !== fence || isOrphan === undefined',
      },
    ],
  },
];
