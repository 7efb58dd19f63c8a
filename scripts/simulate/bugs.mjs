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
        search: 'if (this.settling.request !== undefined) return this.handover.report.promise;',
        replace: `if (this.settling.request !== undefined) {
      for (const job of this.jobs) void cancelJob(job, this.#timers);
      return this.handover.report.promise;
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
        file: 'operation/settling.ts',
        search: 'this.#parts.timers.after(this.#parts.settings.cancelTimeoutMs, () => this.#settle())',
        replace: 'this.#parts.timers.after(1e9, () => this.#settle())',
      },
    ],
  },
  {
    name: 'a timeout only rejects',
    patches: [
      {
        file: 'operation/run.ts',
        search: `    this.settling.begin(request);
    for (const job of this.jobs) void cancelJob(job, this.#timers);`,
        replace: `    this.settling.begin(request);
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
        search: `    if (!this.#job.isHurried) await timers.sleep(this.#pauseMs(resumable), ...this.#job.wakes);
    if (this.#job.isHurried) await timers.sleep(this.#hurriedPauseMs(), this.#job.over);`,
        replace: `    if (!this.#job.isHurried) await timers.sleep(this.#pauseMs(resumable), this.#job.hurried);
    if (this.#job.isHurried) await timers.sleep(this.#hurriedPauseMs());`,
      },
    ],
  },
  {
    name: 'a listener stays on the signal of the caller',
    patches: [
      {
        file: 'operation/triggers.ts',
        search: "    signal.removeEventListener('abort', subscribed.listener);\n",
        replace: '',
      },
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
        search: 'if (this.settling.request !== undefined) return this.handover.report.promise;',
        replace: `if (this.settling.request !== undefined) {
      this.settling.begin({ trigger, reason, requestedAt: this.#timers.now() });
      return this.handover.report.promise;
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
        file: 'operation/settling.ts',
        search: 'isAbandoned ? await Promise.all(all.map((job) => cancelUnknown(job, context))) : all;',
        replace: 'timers.now() < 0 ? await Promise.all(all.map((job) => cancelUnknown(job, context))) : all;',
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
        search: 'this.#publisher.publishImages(job, this.#late.take(job, status));',
        replace: 'this.#late.take(job, status);',
      },
    ],
  },
  {
    name: 'events() ends before the warning about a late name',
    patches: [
      {
        file: 'operation/late-answers.ts',
        search: 'return this.isImageExpected || this.#creates > 0;',
        replace: 'return this.isImageExpected;',
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
  {
    name: 'a record is removed before the images are handed over',
    patches: [
      {
        file: 'operation/record-contents.ts',
        search: 'if (unclaimed.has(job)) return true;',
        replace: 'if (unclaimed.has(job) && unclaimed.size > 1_000) return true;',
      },
    ],
  },
  {
    name: 'a process that dies does not name its finished images',
    patches: [
      {
        file: 'operation/exit-participant.ts',
        search: 'unclaimed: () => unclaimedOf(run.handover.unclaimed(), run.identity.server),',
        replace: 'unclaimed: () => [],',
      },
    ],
  },
  {
    name: 'an image counts as handed over without a listener',
    patches: [
      {
        file: 'operation/event-channel.ts',
        search: 'if (this.#emitter.listenerCount(name) > 0) this.#markDelivered(event);',
        replace: 'this.#markDelivered(event);',
      },
    ],
  },
  {
    name: 'a listener counts while the process dies',
    patches: [
      {
        file: 'operation/handover.ts',
        search: 'this.#deliveries.unclaimed(this.#isDying)',
        replace: 'this.#deliveries.unclaimed(false)',
      },
    ],
  },
  {
    name: 'a process that dies does not wait for onImage',
    patches: [
      {
        file: 'operation/run.ts',
        search: `    if (isFatal) await this.handover.drain(pressedAt, this.settling.request?.requestedAt ?? pressedAt);
`,
        replace: `    void pressedAt;
`,
      },
    ],
  },
  {
    name: 'result() does not wait for onImage',
    patches: [
      {
        file: 'operation/handover.ts',
        search: 'if (report === undefined) await this.#deliveries.settled();',
        replace: 'if (report === undefined) await Promise.resolve();',
      },
    ],
  },
  {
    name: 'callers hear of the end before the process dies',
    patches: [
      {
        file: 'operation/handover.ts',
        search: `    if (gate !== undefined) await gate;
`,
        replace: `    void gate;
`,
      },
    ],
  },
  {
    name: 'onImage gets a late image twice',
    patches: [
      { file: 'operation/settling.ts', search: 'this.isSettled && job.backend.cancelable', replace: 'this.isSettled' },
    ],
  },
  {
    name: 'any end after a cancel makes a model cancelable',
    patches: [
      {
        file: 'operation/settling.ts',
        search: "if (this.#request !== undefined && end.kind === 'cancelled')",
        replace: 'if (this.#request !== undefined)',
      },
    ],
  },
  {
    name: 'a job that was not sent is said to run',
    patches: [
      {
        file: 'operation/outcome.ts',
        search: `    if (job.state === 'waiting') return [];
`,
        replace: '',
      },
    ],
  },
];
