/**
 * Bugs that the simulation has to find: those that other clients have, or had, some that a journal can have, and breaches of
 * the rules for settling. Each has its patches of the sources: a file, a passage that it has once, and its replacement.
 */
const BUGS = {
  'an abort is handed to a create': [
    [
      'operation/job/submit.ts',
      '() => backend.create(job.indices, job.displayName),',
      `() =>
        Promise.race([
          backend.create(job.indices, job.displayName),
          new Promise<never>((_, reject) => context.stopped.addEventListener('abort', () => reject(new Error('aborted')))),
        ]),`,
    ],
  ],
  'a stop before the name is known is lost': [
    [
      'operation/job/cancel-job.ts',
      `  if (job.id === undefined) {
    const named`,
      `  if (job.id === undefined) {
    if (timers.now() > 0) return;
    const named`,
    ],
  ],
  'any answer to the cancel counts as cancelled': [
    [
      'operation/job/cancel-job.ts',
      'this.#job.acknowledgedAt ??= this.#timers.now();',
      `this.#job.acknowledgedAt ??= this.#timers.now();
    this.#job.finish({ kind: 'cancelled' });`,
    ],
  ],
  'a 499 is taken for a failure': [
    ['operation/job/cancel-job.ts', 'failureOf(error).status !== 499', 'failureOf(error).status !== 0'],
  ],
  'the cancel is sent again by each trigger': [
    [
      'operation/run.ts',
      'if (this.#stop !== undefined) return this.callers.report.promise;',
      `if (this.#stop !== undefined) {
      for (const job of this.jobs) void cancelJob(job, this.#timers);
      return this.callers.report.promise;
    }`,
    ],
    ['operation/job/cancel-job.ts', 'cancels.get(job) ?? cancelOnce(job, timers)', 'cancelOnce(job, timers)'],
  ],
  'a cancel has no deadline': [
    [
      'operation/run.ts',
      'this.#timers.after(this.#settings.cancelTimeoutMs, () => this.#settle())',
      'this.#timers.after(1e9, () => this.#settle())',
    ],
  ],
  'a timeout only rejects': [
    [
      'operation/run.ts',
      `    this.#stop = stop;
    for (const job of this.jobs) void cancelJob(job, this.#timers);`,
      `    this.#stop = stop;
    for (const job of this.jobs) if (trigger !== 'timeout') void cancelJob(job, this.#timers);`,
    ],
  ],
  'a create is sent again after a lost answer': [
    [
      'operation/job/submit-failure.ts',
      "kind === 'rate-limited' && !wakes",
      "(kind === 'rate-limited' || kind === 'ambiguous') && !wakes",
    ],
  ],
  'the poller lives on after the end': [
    [
      'operation/job/watch-job.ts',
      `  #isOver(): boolean {
    return this.#job.over.aborted;`,
      `  #isOver(): boolean {
    return this.#job.end !== undefined;`,
    ],
    [
      'operation/job/watch-job.ts',
      `    if (!hurried.aborted) await timers.sleep(this.#pauseMs(resumable), over, hurried);
    if (hurried.aborted) await timers.sleep(this.#hurriedPauseMs(), over);`,
      `    if (!hurried.aborted) await timers.sleep(this.#pauseMs(resumable), hurried);
    if (hurried.aborted) await timers.sleep(this.#hurriedPauseMs() + 0 * Number(over.aborted));`,
    ],
  ],
  'a listener stays on the signal of the caller': [
    ['operation/abort-signal.ts', "    signal.removeEventListener('abort', onAbort);\n", ''],
  ],
  'the cancel ends the reading of the status': [
    [
      'operation/job/watch-job.ts',
      `  #isOver(): boolean {
    return this.#job.over.aborted;`,
      `  #isOver(): boolean {
    return this.#job.over.aborted || this.#context.stopped.aborted;`,
    ],
  ],
  'a later trigger takes the place of the first': [
    [
      'operation/run.ts',
      'if (this.#stop !== undefined) return this.callers.report.promise;',
      `if (this.#stop !== undefined) {
      this.#stop = { trigger, reason, requestedAt: this.#timers.now() };
      return this.callers.report.promise;
    }`,
    ],
  ],
  'a name that comes after the report is not cancelled': [
    [
      'operation/job/submit.ts',
      'if (job.over.aborted) return cancelLateJob(job, backend, status.id, context);',
      'if (job.over.aborted) return;',
    ],
  ],
  'a record leaves the journal with its operation, whatever runs': [
    [
      'operation/record-contents.ts',
      `  get isAnythingLeft(): boolean {
    return this.#left().length > 0;`,
      `  get isAnythingLeft(): boolean {
    return this.#left().length > 1_000;`,
    ],
  ],
  'recover() takes what lives': [
    ['client/recover.ts', 'journaled.isOrphan && filter(journaled.record)', 'filter(journaled.record)'],
    [
      'journal/memory.ts',
      'entry?.fence !== fence || !isOrphan(entry)',
      'entry?.fence !== fence || isOrphan === undefined',
    ],
  ],
  'it succeeds although the end of every job is unknown': [
    [
      'operation/outcome.ts',
      "  return jobs.some(({ end }) => end?.kind === 'unknown') ? 'abandoned' : 'failed';",
      "  return jobs.some(({ end }) => end?.kind === 'unknown') ? 'succeeded' : 'failed';",
    ],
  ],
  'result() resolves after a cancel that lost the race': [
    [
      'operation/outcome.ts',
      `  const references = jobs.map((job) => job.reference());
  return new OperationCancelledError`,
      `  if (report.outcome === 'completed-anyway') return undefined;
  const references = jobs.map((job) => job.reference());
  return new OperationCancelledError`,
    ],
  ],
  'a batch that was cancelled counts as one image': [
    ['operation/outcome.ts', 'Math.max(1, progress.total)', 'Math.min(1, progress.total)'],
  ],
  'a cancel never hurries the watcher': [
    ['operation/job/job.ts', '    this.#hurried.abort();', '    if (this.cancelRequests < 0) this.#hurried.abort();'],
  ],
  'a job has two watchers': [
    [
      'operation/job-pool.ts',
      "if (submission === 'submitted') await watchJob(job, backend, this.#context);",
      `if (submission === 'submitted')
      await Promise.all([watchJob(job, backend, this.#context), watchJob(job, backend, this.#context)]);`,
    ],
  ],
  'a cancel after the watch was lost sends nothing': [
    [
      'operation/run.ts',
      "this.#isCancellingLate = this.state === 'abandoned';",
      "this.#isCancellingLate = this.state === 'submitting';",
    ],
  ],
  'a batch that is not found is created again': [
    [
      'operation/job/submit.ts',
      "  if ('why' in lost) job.finish(endOfFailure(job, failure));",
      `  if ('why' in lost && failure.kind === 'not-sent') job.finish(endOfFailure(job, failure));
  else if ('why' in lost) await accept(job, backend, await create(job, backend, context), context);`,
    ],
  ],
  'a duplicate batch is not cancelled': [
    [
      'operation/job/lost-create.ts',
      'for (const other of others) void cancelDuplicate(other, id, job, backend, context);',
      'for (const other of others.slice(0, 0)) void cancelDuplicate(other, id, job, backend, context);',
    ],
  ],
  'a duplicate that is not confirmed is not in the report': [
    [
      'operation/outcome.ts',
      'const running = duplicates.filter((job) => !hasEnded(job));',
      'const running = duplicates.filter((job) => !hasEnded(job)).slice(0, 0);',
    ],
  ],
  'creates go on after the server has refused one': [
    ['operation/job-pool.ts', 'if (this.#isReplaceable(job)) return;', ''],
    [
      'operation/job/submit.ts',
      "return context.refused.aborted ? 'not-sent' : await submit(job, backend, context);",
      'return await submit(job, backend, context);',
    ],
  ],
  'more jobs are on the server than may be': [
    ['operation/slots.ts', 'if (this.#taken < this.#limit) {', 'if (this.#taken <= this.#limit) {'],
  ],
  'an image that comes after a cancel is thrown away': [
    [
      'operation/run.ts',
      'this.#publisher.publishImages(this.#salvage.take(job, status));',
      'this.#salvage.take(job, status);',
    ],
  ],
  'events() ends before the warning about a late name': [
    [
      'operation/run.ts',
      'if (this.isSettled && !this.#salvage.isOpen && this.#unanswered === 0) {',
      'if (this.isSettled && !this.#salvage.isOpen) {',
    ],
  ],
  'a record in doubt never expires': [['client/recover.ts', "if (isOld && isOnlyInDoubt) return 'expired';", '']],
};

export const bugs = Object.entries(BUGS).map(([name, patches]) => ({
  name,
  patches: patches.map(([file, search, replace]) => ({ file, search, replace })),
}));
