/**
 * Bugs that the simulation has to find, each as patches of the sources: those that other clients have, or had, some that a
 * journal can have, and breaches of the rules for settling.
 */
export const bugs = [
  {
    name: 'an abort is handed to a create',
    patches: [
      {
        file: 'operation/job/submit.ts',
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
    name: 'a stop before the name is known is lost',
    patches: [
      {
        file: 'operation/job/cancel-job.ts',
        search: `  if (job.id === undefined) {
    const named`,
        replace: `  if (job.id === undefined) {
    if (timers.now() > 0) return;
    const named`,
      },
    ],
  },
  {
    name: 'any answer to the cancel counts as cancelled',
    patches: [
      {
        file: 'operation/job/cancel-job.ts',
        search: 'this.#job.acknowledgedAt ??= this.#timers.now();',
        replace: "this.#job.acknowledgedAt ??= this.#timers.now();\n    this.#job.finish({ kind: 'cancelled' });",
      },
    ],
  },
  {
    name: 'a 499 is taken for a failure',
    patches: [
      {
        file: 'operation/job/cancel-job.ts',
        search: 'failureOf(error).status !== 499',
        replace: 'failureOf(error).status !== 0',
      },
    ],
  },
  {
    name: 'the cancel is sent again by each trigger',
    patches: [
      {
        file: 'operation/run.ts',
        search: 'if (this.#stop !== undefined) return this.callers.report.promise;',
        replace: `if (this.#stop !== undefined) {
      for (const job of this.jobs) void cancelJob(job, this.#timers);
      return this.callers.report.promise;
    }`,
      },
      {
        file: 'operation/job/cancel-job.ts',
        search: 'cancels.get(job) ?? cancelOnce(job, timers)',
        replace: 'cancelOnce(job, timers)',
      },
    ],
  },
  {
    name: 'a cancel has no deadline',
    patches: [
      {
        file: 'operation/run.ts',
        search: 'this.#timers.after(this.#settings.cancelTimeoutMs, () => this.#settle())',
        replace: 'this.#timers.after(1e9, () => this.#settle())',
      },
    ],
  },
  {
    name: 'a timeout only rejects',
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
    name: 'a create is sent again after a lost answer',
    patches: [
      {
        file: 'operation/job/submit-failure.ts',
        search: "kind === 'rate-limited' && !wakes",
        replace: "(kind === 'rate-limited' || kind === 'ambiguous') && !wakes",
      },
    ],
  },
  {
    name: 'the poller lives on after the end',
    patches: [
      {
        file: 'operation/job/watch-job.ts',
        search: `  #isOver(): boolean {
    return this.#job.over.aborted;`,
        replace: `  #isOver(): boolean {
    return this.#job.end !== undefined;`,
      },
      {
        file: 'operation/job/watch-job.ts',
        search: `    if (!hurried.aborted) await timers.sleep(this.#pauseMs(resumable), over, hurried);
    if (hurried.aborted) await timers.sleep(this.#hurriedPauseMs(), over);`,
        replace: `    if (!hurried.aborted) await timers.sleep(this.#pauseMs(resumable), hurried);
    if (hurried.aborted) await timers.sleep(this.#hurriedPauseMs() + 0 * Number(over.aborted));`,
      },
    ],
  },
  {
    name: 'a listener stays on the signal of the caller',
    patches: [
      { file: 'operation/abort-signal.ts', search: "    signal.removeEventListener('abort', onAbort);\n", replace: '' },
    ],
  },
  {
    name: 'the cancel ends the reading of the status',
    patches: [
      {
        file: 'operation/job/watch-job.ts',
        search: `  #isOver(): boolean {
    return this.#job.over.aborted;`,
        replace: `  #isOver(): boolean {
    return this.#job.over.aborted || this.#context.stopped.aborted;`,
      },
    ],
  },
  {
    name: 'a later trigger takes the place of the first',
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
        file: 'operation/job/submit.ts',
        search: 'if (job.over.aborted) return cancelLateJob(job, backend, status.id, context);',
        replace: 'if (job.over.aborted) return;',
      },
    ],
  },
  {
    name: 'a record leaves the journal with its operation, whatever runs',
    patches: [
      {
        file: 'operation/record-contents.ts',
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
        file: 'client/recover.ts',
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
  {
    name: 'it succeeds although the end of every job is unknown',
    patches: [
      {
        file: 'operation/outcome.ts',
        search: "  return jobs.some(({ end }) => end?.kind === 'unknown') ? 'abandoned' : 'failed';",
        replace: "  return jobs.some(({ end }) => end?.kind === 'unknown') ? 'succeeded' : 'failed';",
      },
    ],
  },
  {
    name: 'result() resolves after a cancel that lost the race',
    patches: [
      {
        file: 'operation/outcome.ts',
        search: '  const references = jobs.map((job) => job.reference());\n  return new OperationCancelledError',
        replace: `  if (report.outcome === 'completed-anyway') return undefined;
  const references = jobs.map((job) => job.reference());
  return new OperationCancelledError`,
      },
    ],
  },
  {
    name: 'a batch that was cancelled counts as one image',
    patches: [
      {
        file: 'operation/outcome.ts',
        search: 'Math.max(1, progress.total)',
        replace: 'Math.min(1, progress.total)',
      },
    ],
  },
  {
    name: 'a cancel never hurries the watcher',
    patches: [
      {
        file: 'operation/job/job.ts',
        search: '    this.#hurried.abort();',
        replace: '    if (this.cancelRequests < 0) this.#hurried.abort();',
      },
    ],
  },
  {
    name: 'a job has two watchers',
    patches: [
      {
        file: 'operation/job-pool.ts',
        search: "if (submission === 'submitted') await watchJob(job, backend, this.#context);",
        replace: `if (submission === 'submitted')
      await Promise.all([watchJob(job, backend, this.#context), watchJob(job, backend, this.#context)]);`,
      },
    ],
  },
  {
    name: 'a cancel after the watch was lost sends nothing',
    patches: [
      {
        file: 'operation/run.ts',
        search: "this.#isCancellingLate = this.state === 'abandoned';",
        replace: "this.#isCancellingLate = this.state === 'submitting';",
      },
    ],
  },
  {
    name: 'a batch that is not found is created again',
    patches: [
      {
        file: 'operation/job/submit.ts',
        search: "  if ('why' in lost) job.finish(endOfFailure(job, failure));",
        replace: `  if ('why' in lost && failure.kind === 'not-sent') job.finish(endOfFailure(job, failure));
  else if ('why' in lost) await accept(job, backend, await create(job, backend, context), context);`,
      },
    ],
  },
  {
    name: 'a duplicate batch is not cancelled',
    patches: [
      {
        file: 'operation/job/lost-create.ts',
        search: 'for (const other of others) void cancelDuplicate(other, id, job, backend, context);',
        replace: 'for (const other of others.slice(0, 0)) void cancelDuplicate(other, id, job, backend, context);',
      },
    ],
  },
  {
    name: 'a duplicate that is not confirmed is not in the report',
    patches: [
      {
        file: 'operation/outcome.ts',
        search: 'const running = duplicates.filter((job) => !hasEnded(job));',
        replace: 'const running = duplicates.filter((job) => !hasEnded(job)).slice(0, 0);',
      },
    ],
  },
  {
    name: 'creates go on after the server has refused one',
    patches: [
      {
        file: 'operation/job-pool.ts',
        search: 'if (this.#isReplaceable(job)) return;',
        replace: '',
      },
      {
        file: 'operation/job/submit.ts',
        search: "return context.refused.aborted ? 'not-sent' : await submit(job, backend, context);",
        replace: 'return await submit(job, backend, context);',
      },
    ],
  },
  {
    name: 'more jobs are on the server than may be',
    patches: [
      {
        file: 'operation/slots.ts',
        search: 'if (this.#taken < this.#limit) {',
        replace: 'if (this.#taken <= this.#limit) {',
      },
    ],
  },
  {
    name: 'an image that comes after a cancel is thrown away',
    patches: [
      {
        file: 'operation/run.ts',
        search: 'this.#publisher.publishImages(this.#salvage.take(job, status));',
        replace: 'this.#salvage.take(job, status);',
      },
    ],
  },
  {
    name: 'events() ends before the warning about a late name',
    patches: [
      {
        file: 'operation/run.ts',
        search: 'if (this.isSettled && !this.#salvage.isOpen && this.#unanswered === 0) {',
        replace: 'if (this.isSettled && !this.#salvage.isOpen) {',
      },
    ],
  },
  {
    name: 'a record in doubt never expires',
    patches: [
      {
        file: 'client/recover.ts',
        search: "if (isOld && isOnlyInDoubt) return 'expired';",
        replace: '',
      },
    ],
  },
];
