/**
 * Bugs that the simulation has to find: those that other clients have, or had, some that a journal can have, and breaches of
 * the rules for settling. Each has its patches of the sources: a file, a passage that it has once, and its replacement.
 */
const BUGS = {
  'an abort is handed to a create': [
    [
      'operation/job/submit.ts',
      '() => job.backend.create(job.indices, job.displayName, context.settings.webhook);',
      `() =>
    Promise.race([
      job.backend.create(job.indices, job.displayName, context.settings.webhook),
      new Promise<never>((_, reject) => context.stopped.on(() => reject(new Error('aborted')))),
    ]);`,
    ],
  ],
  'a stop before the name is known is lost': [
    [
      'operation/job/cancel-job.ts',
      'if (job.id === undefined) await',
      `if (job.id === undefined && context.timers.now() > 0) return;
  if (job.id === undefined) await`,
    ],
  ],
  'any answer to the cancel counts as cancelled': [
    [
      'operation/job/cancel-job.ts',
      "job.take({ type: 'cancel-acknowledged', at: timers.now() });",
      `job.take({ type: 'cancel-acknowledged', at: timers.now() });
  job.finish({ kind: 'cancelled' });`,
    ],
  ],
  'a 499 is taken for a failure': [
    ['operation/job/cancel-job.ts', 'failureOf(error).status !== 499', 'failureOf(error).status !== 0'],
  ],
  'the cancel is sent again by each trigger': [
    [
      'operation/run.ts',
      'if (this.settling.request !== undefined) return this.handover.report.promise;',
      `if (this.settling.request !== undefined) {
      for (const job of this.jobs) void cancelJob(job, this.#parts);
      return this.handover.report.promise;
    }`,
    ],
    ['operation/job/cancel-job.ts', 'cancels.get(job) ?? cancelOnce(job, context)', 'cancelOnce(job, context)'],
  ],
  'a cancel has no deadline': [
    [
      'operation/settling.ts',
      'timers.after(settings.cancelTimeoutMs, () => this.#settle(true))',
      'timers.after(1e9, () => this.#settle(true))',
    ],
  ],
  'a timeout only rejects': [
    [
      'operation/run.ts',
      `    this.settling.begin(request);
    for (const job of this.jobs) void cancelJob(job, this.#parts);`,
      `    this.settling.begin(request);
    for (const job of this.jobs) if (trigger !== 'timeout') void cancelJob(job, this.#parts);`,
    ],
  ],
  'a create is sent again after a lost answer': [
    [
      'operation/job/send.ts',
      "failure.kind !== 'rate-limited' || wakes",
      "(failure.kind !== 'rate-limited' && failure.kind !== 'ambiguous') || wakes",
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
      `    if (!this.#job.isHurried) await this.#awake.sleep(pauseMs, ...this.#job.wakes, this.#job.hinted);
    if (this.#job.isHurried) await this.#awake.sleep(this.#hurriedPauseMs(), this.#job.over);`,
      `    if (!this.#job.isHurried) await this.#awake.sleep(pauseMs, this.#job.hurried);
    if (this.#job.isHurried) await this.#awake.sleep(this.#hurriedPauseMs());`,
    ],
  ],
  'a listener stays on the signal of the caller': [
    ['operation/triggers.ts', "    signal.removeEventListener('abort', latch.abort);\n", ''],
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
      'if (this.settling.request !== undefined) return this.handover.report.promise;',
      `if (this.settling.request !== undefined) {
      this.settling.begin({ trigger, reason, requestedAt: this.#parts.timers.now() });
      return this.handover.report.promise;
    }`,
    ],
  ],
  'a name that comes after the report is not cancelled': [
    [
      'operation/job/submit.ts',
      "return id === '' || id === job.id ? undefined : cancelLateJob(job, id, context);",
      'return;',
    ],
  ],
  'a record leaves the journal with its operation, whatever runs': [
    [
      'operation/record-contents.ts',
      `  get isAnythingLeft(): boolean {
    return this.#referencesOf(this.#left()).length > 0;`,
      `  get isAnythingLeft(): boolean {
    return this.#referencesOf(this.#left()).length > 1_000;`,
    ],
  ],
  'recover() takes what lives': [
    ['client/recover.ts', 'isOrphan && filter(record)', 'filter(record)'],
    [
      'journal/memory.ts',
      'isOrphan(entry) ? put(id, entry.fence + 1, entry.text) : 0',
      'put(id, entry.fence + 1, entry.text)',
    ],
  ],
  'it succeeds although the end of every job is unknown': [
    [
      'operation/settlement.ts',
      "state: isUnknown ? 'abandoned' : 'failed'",
      "state: isUnknown ? 'succeeded' : 'failed'",
    ],
  ],
  'result() resolves after a cancel that lost the race': [
    [
      'operation/settlement.ts',
      '    const error = new OperationCancelledError',
      `    if (report.outcome === 'completed-anyway')
      return { state: 'cancelled', report, ...compact({ response: report.response }) };
    const error = new OperationCancelledError`,
    ],
  ],
  'a batch that was cancelled counts as one image': [
    ['operation/settlement.ts', 'Math.max(1, progress.total)', 'Math.min(1, progress.total)'],
  ],
  'a cancel never hurries the watcher': [
    ['operation/job/cancel-job.ts', ', () => job.hurried.abort());', ', () => undefined);'],
    ['operation/job/cancel-job.ts', '    job.hurried.abort();\n', ''],
  ],
  'a job has two watchers': [
    [
      'operation/job-pool.ts',
      "if (submission === 'submitted') await watchJob(job, this.#context, true);",
      `if (submission === 'submitted')
      await Promise.all([watchJob(job, this.#context), watchJob(job, this.#context)]);`,
    ],
  ],
  'a cancel after the watch was lost sends nothing': [
    [
      'operation/settling.ts',
      'isAbandoned ? await Promise.all(all.map((job) => cancelUnknown(job, this.#parts))) : all;',
      'timers.now() < 0 ? await Promise.all(all.map((job) => cancelUnknown(job, this.#parts))) : all;',
    ],
  ],
  'a batch that is not found is created again': [
    [
      'operation/job/submit.ts',
      '      await findAgain(job, context, () => endOfFailure(job, failure));',
      `    {
      const lost = await findLostCreate(job, context);
      if ('why' in lost) await accept(job, await job.backend.create(job.indices, job.displayName), context);
      else job.take({ type: 'found', id: lost.id });
    }`,
    ],
    [
      'operation/job/submit.ts',
      "import { findAgain } from './lost-create.js';",
      "import { findLostCreate } from './lost-create.js';",
    ],
  ],
  'a duplicate batch is not cancelled': [
    ['operation/job/lost-create.ts', 'ids.filter((id) => id !== kept)', 'ids.slice(0, 0)'],
  ],
  'a duplicate that is not confirmed is not in the report': [
    [
      'operation/settlement.ts',
      "const running = duplicates.filter((job) => endKindOf(job) === 'unknown');",
      'const running = duplicates.slice(0, 0);',
    ],
  ],
  'creates go on after the server has refused one': [
    ['operation/job-pool.ts', 'if (this.#isReplaceable(job)) return;', ''],
    [
      'operation/job/submit.ts',
      "(context.refused.aborted ? 'not-sent' : submit(job, context));",
      'submit(job, context);',
    ],
  ],
  'more jobs are on the server than may be': [
    ['operation/job-pool.ts', '(taken) => taken < limit', '(taken) => taken <= limit'],
  ],
  'an image that comes after a cancel is thrown away': [
    ['operation/run.ts', 'this.#publisher.publishImages(job, late.take(job, status));', 'late.take(job, status);'],
  ],
  'events() ends before the warning about a late name': [
    ['operation/late-answers.ts', '!this.isImageExpected && this.#creates === 0', '!this.isImageExpected'],
  ],
  'a record in doubt never expires': [['client/recover.ts', "if (isOld && isOnlyInDoubt) return 'expired';", '']],
  'a process that dies does not name its finished images': [
    [
      'operation/exit-participant.ts',
      '...unclaimedOf(handover.unclaimed(true), server),',
      '...unclaimedOf([], server),',
    ],
  ],
  'an image counts as handed over without a listener': [
    ['operation/event-channel.ts', 'if (this.#emitter.listenerCount(name) > 0) deliver();', 'deliver();'],
  ],
  'a listener counts while the process dies': [
    [
      'operation/handover.ts',
      "this.dying.aborted ? 'signal' : isExiting",
      'this.dying.aborted ? undefined : isExiting',
    ],
  ],
  'a process that dies does not wait for onImage': [
    [
      'operation/run.ts',
      '    if (isFatal) await this.handover.drain(pressedAt, this.settling.budgetEndsAt);\n',
      '    void pressedAt;\n',
    ],
  ],
  'result() does not wait for onImage': [
    [
      'operation/handover.ts',
      'if (report === undefined) await this.deliveries.settled();',
      'if (report === undefined) await Promise.resolve();',
    ],
  ],
  'callers hear of the end before the process dies': [
    ['operation/handover.ts', '    if (gate !== undefined) await gate;\n', '    void gate;\n'],
  ],
  'onImage gets a late image twice': [
    ['operation/settling.ts', 'this.isSettled && job.backend.cancelable', 'this.isSettled'],
  ],
  'any end after a cancel makes a model cancelable': [
    [
      'operation/settling.ts',
      "if (this.request !== undefined && end.kind === 'cancelled')",
      'if (this.request !== undefined)',
    ],
  ],
  'a job that was not sent is said to run': [
    ['operation/settlement.ts', "    if (job.state === 'waiting') return [];\n", ''],
  ],
};

/** Around the list of a client: a page that cannot be read is the last one. */
const CLIENT = '{ batches: { list } }, ...args.slice(1)';
const PAGER = `let hasNext = (pager: any): boolean => pager.hasNextPage();
  const list = async (given: unknown): Promise<unknown> => {
    const pager = await args[0].batches.list(given);
    const nextPage = (): unknown => pager.nextPage().catch(() => (hasNext = () => false));
    return { get page() { return pager.page; }, hasNextPage: () => hasNext(pager), nextPage };
  };`;

/** Mistakes of a maintainer. Each puts another body around a function: a file, the function, and the body. */
const MISTAKES = {
  'an unreadable list counts as empty': [
    ['google/batches/batches-backend.ts', 'namesIn', `${PAGER}\n  return original(${CLIENT}).catch(() => []);`],
  ],
  'one page counts as the whole list': [
    [
      'google/batches/batches-backend.ts',
      'namesIn',
      `${PAGER}\n  hasNext = () => false;\n  return original(${CLIENT});`,
    ],
  ],
  'names are not written to the journal': [
    [
      'operation/record-contents.ts',
      'RecordContents.#referenceOf',
      'return { ...original(...args), name: undefined };',
    ],
  ],
  'an id is dropped when a read throws': [
    [
      'operation/job/lost-create.ts',
      'findLostCreate',
      `const found = await original(...args);
  if ('why' in found) return found;
  return args[0].backend.read(found.id, 15_000, []).then(() => found, (error: Error) => ({ why: error.message }));`,
    ],
  ],
  'a 404 counts as a refused background': [
    ['google/failures.ts', 'isBackgroundRefusal', 'return args[0].status === 404 || original(...args);'],
  ],
  'redaction before classification': [
    ['google/redact.ts', 'withoutLongPrompts', 'return withoutPrompts(args[0], args[1], 1);'],
  ],
  'the prompt decides what an answer means': [['google/redact.ts', 'withoutLongPrompts', 'return args[0];']],
  'a record is removed before the images are handed over': [
    [
      'operation/record-contents.ts',
      'RecordContents.#left',
      "return original().filter(({ end }: Job) => end === undefined || end.kind === 'unknown');",
    ],
  ],
  'a cancel is dropped in a crowd': [
    ['operation/job/cancel-job.ts', 'send', 'return args[1].crowd.isCrowded ? undefined : original(...args);'],
  ],
  'a signal of another make is accepted and ignored': [
    [
      'operation/triggers.ts',
      'listenToSignals',
      'return original(args[0].filter((signal: unknown) => signal instanceof AbortSignal), args[1]);',
    ],
  ],
  'an operation that ends takes the listener of others off their signal': [
    [
      'operation/triggers.ts',
      'subscribe',
      `const drop = original(...args);
  return () => {
    const latch = subscribers.get(args[0]);
    if (latch !== undefined) args[0].removeEventListener('abort', latch.abort);
    drop();
  };`,
    ],
  ],
  'durations are taken from the wall clock': [['util/timers.ts', 'Timers.elapsed', 'return this.#clock.now();']],
  'Retry-After is ignored': [
    ['google/error-body.ts', 'retryAfterOf', 'return undefined;'],
    ['google/error-body.ts', 'retryInfoOf', 'return undefined;'],
  ],
  'a request that was never sent is kept as in doubt': [
    [
      'google/failures.ts',
      'kindOf',
      "const kind = original(...args);\n  return kind === 'not-sent' ? 'ambiguous' : kind;",
    ],
    ['operation/job/send.ts', 'sendTracked', 'return args[0]();'],
  ],
  'the 503 of a proxy is retried': [
    ['google/failures.ts', 'kindOf', "return args[0].status === 503 ? 'rate-limited' : original(...args);"],
  ],
};

const patched = Object.entries(BUGS).map(([name, patches]) => ({
  name,
  patches: patches.map(([file, search, replace]) => ({ file, search, replace })),
}));
const mistaken = Object.entries(MISTAKES).map(([name, patches]) => ({
  name,
  patches: patches.map(([file, wrapped, replace]) => ({ file, wrapped, replace })),
}));
export const bugs = [...patched, ...mistaken];
