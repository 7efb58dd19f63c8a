import { Latch } from '../util/latch.js';
import { failureOf } from '../google/failures.js';
import type { Job } from './job/job.js';
import { createDeferred } from '../util/deferred.js';
import type { Timers } from '../util/timers.js';
import { joinEntry, type JoinedEntry } from '../journal/join.js';
import type { Journal, JournalClaim } from '../api/journal.js';
import { RecordContents, type RecordedOperation } from './record-contents.js';
import { WriteQueue } from './write-queue.js';

/** Time after which a store that does not answer counts as away. */
const STORE_TIMEOUT_MS = 10_000;
/** Time that a status waits for the store to say who has the operation. */
const CHECK_MS = 2_000;
/** Time for which the recorder tries to record the end. `recover()` finds out that a record that stays has ended. */
const LAST_TRIES_MS = 120_000;

/** How an operation gets its record: a `new` one, one that is looked for, to `join` it, or one that was claimed. */
export type RecordStart = 'new' | 'join' | JoinedEntry;

/** Keeps the record of one operation: from its first create until it has settled and nothing may be running. */
export class OperationRecorder {
  /** Resolves when the record is removed, or as it is to stay. */
  readonly done = createDeferred<undefined>();
  /** Its writes: while one is on its way, the process must not end by itself. */
  readonly queue: WriteQueue;
  readonly #journal: Journal;
  readonly #timers: Timers;
  readonly #operation: RecordedOperation;
  readonly #ended = new Latch();
  readonly #contents: RecordContents;
  /** Creates without an answer, and duplicates whose cancel is not confirmed. Until they are done the record is ours. */
  readonly #inFlight = new Set<Job | string>();
  readonly #written = new Set<Job>();
  #claim: JournalClaim | undefined;
  /** The caller of `recover()` has not received the operation yet. */
  #isAwaited = false;
  /** The last write failed: it has to be tried again. */
  #isStale = false;
  #hadOwner = false;
  #renewedAt = 0;
  #settledAt: number | undefined;
  #hasWarned = false;

  constructor(journal: Journal, timers: Timers, start: RecordStart, operation: RecordedOperation) {
    this.#journal = journal;
    this.#timers = timers;
    this.#operation = operation;
    this.#contents = new RecordContents(operation);
    this.queue = new WriteQueue(() => operation.busyChanged());
    if (typeof start === 'object') this.#own(start);
  }

  /**
   * Looks for the record of an operation that was started elsewhere, and takes it over if it has no owner. It asks until its
   * owner's lease has run out: nothing else may tell that the owner is dead. It also asks after the operation has settled, or
   * else the record would be recovered, and what was delivered delivered again.
   */
  async join(): Promise<void> {
    const until = (): number => (this.#settledAt ?? Infinity) + 2 * this.#journal.leaseMs;
    const isWanted = (): boolean =>
      this.#claim === undefined && !this.#ended.aborted && this.#timers.elapsed() < until();
    if (isWanted()) await this.#attempt(() => this.#join());
    while (isWanted()) {
      await this.#timers.sleep(this.#journal.leaseMs / 10, this.#ended);
      await this.#attempt(() => this.#join());
    }
  }

  async beforeCreate(job: Job): Promise<void> {
    this.#contents.announced.add(job);
    this.#inFlight.add(job);
    try {
      await this.#flush();
    } catch (error) {
      this.#contents.announced.delete(job);
      this.#inFlight.delete(job);
      throw error;
    }
  }

  /** The create was answered or will never be, or a duplicate is done. */
  afterCreate(done: Job | string): void {
    this.#inFlight.delete(done);
    if (this.#settledAt !== undefined && this.#inFlight.size === 0) void this.#attempt(() => this.#conclude());
  }

  duplicate(job: Job, name: string): void {
    this.#contents.addDuplicate(job, name);
    this.#inFlight.add(name);
    this.#save();
  }

  /** `isEnded`: the server has confirmed its end. Otherwise its name stays in the record. */
  duplicateDone(name: string, isEnded: boolean): void {
    if (isEnded) this.#contents.removeDuplicate(name);
    this.afterCreate(name);
  }

  /** A job has changed. Its name is worth a write, and so is the end of one without a name: the server knows the rest. */
  changed(job: Job): void {
    const isNews = job.name !== undefined || (job.end !== undefined && this.#contents.announced.has(job));
    if (!isNews || this.#written.has(job) || this.#claim === undefined || this.#settledAt !== undefined) return;
    this.#written.add(job);
    this.#save();
  }

  lateName(job: Job, name: string): void {
    this.#contents.lateNames.set(job, name);
    this.#save();
  }

  lateEnd(job: Job): void {
    this.#contents.lateEnds.add(job);
  }

  detached(at: number): void {
    this.#contents.detachedAt = at;
    if (this.#settledAt === undefined) this.#save();
  }

  /** The operation has settled. Resolves when that is written. Never rejects. */
  async settled(): Promise<void> {
    this.#settledAt = this.#timers.elapsed();
    if (this.#isAwaited) return;
    await this.#attempt(() => this.#conclude());
    this.done.resolve(undefined);
  }

  /** Images were handed over after the end: the record may go. */
  claimsChanged(): void {
    if (this.#settledAt !== undefined && !this.#isAwaited) this.settledSoon();
  }

  /** Like `settled()`, once the code that waited for the end has run. */
  settledSoon(): void {
    const hasNothing = this.#claim === undefined && !this.queue.isBusy;
    const turn = hasNothing ? Promise.resolve() : this.queue.add(() => this.#timers.sleep(0));
    void turn.then(() => this.settled());
  }

  check(): Promise<void> | undefined {
    if (this.#claim === undefined || this.#ended.aborted) return undefined;
    if (this.#timers.now() - this.#renewedAt < this.#journal.leaseMs) return undefined;
    // A store that hangs must not hold up a status.
    return this.#timers.within(this.#quietly(this.#flush()), CHECK_MS).catch(() => undefined);
  }

  #save(): void {
    void this.#quietly(this.#flush());
  }

  #flush(): Promise<void> {
    return this.queue.addOnce(() => this.#write());
  }

  #attempt(work: () => Promise<void>): Promise<void> {
    return this.#quietly(this.queue.add(work));
  }

  async #write(): Promise<void> {
    // Another handle had the record. If it is gone now, the operation has ended there.
    if (this.#ended.aborted || (this.#claim === undefined && this.#hadOwner)) return;
    const at = this.#timers.now();
    const text = this.#contents.textAt(at, this.#settledAt !== undefined);
    const late = [...this.queue.late];
    this.#isStale = true;
    if (this.#claim === undefined) this.#own({ claim: await this.#add(text) });
    else if (!(await this.#replace(this.#claim, text))) this.#lose();
    this.#renewedAt = at;
    if (late.length > 0) {
      await this.#answer(Promise.allSettled(late));
      return this.#write();
    }
    this.#isStale = false;
  }

  async #replace(claim: JournalClaim, text: string): Promise<boolean> {
    const writing = this.#journal.write(claim, text);
    try {
      return await this.#answer(writing);
    } catch (error) {
      this.queue.giveUp(writing);
      throw error;
    }
  }

  /** An entry that is added too late to count must not be taken for something that runs. */
  async #add(text: string): Promise<JournalClaim> {
    const adding = this.#journal.add(this.#operation.snapshot().id, text);
    try {
      return await this.#answer(adding);
    } catch (error) {
      adding.then((claim) => this.#journal.remove(claim)).catch(() => undefined);
      throw error;
    }
  }

  async #join(): Promise<void> {
    if (this.#claim !== undefined || this.#ended.aborted) return;
    const joined = await this.#answer(joinEntry(this.#journal, this.#operation.snapshot()));
    if (typeof joined === 'object') this.#own(joined);
    else if (joined === 'owned') this.#hadOwner = true;
    else if (joined === 'none' && !this.#hadOwner) await this.#write();
    // Its owner has seen it to its end, or `recover()` has to.
    else this.#ended.abort();
    if (this.#settledAt !== undefined) await this.#conclude();
  }

  #own({ claim, record, handedOver }: JoinedEntry): void {
    this.#claim = claim;
    if (record !== undefined) this.#contents.continue(record);
    this.#isAwaited = handedOver !== undefined;
    void handedOver?.then(() => {
      this.#isAwaited = false;
      this.claimsChanged();
    });
    this.#renewedAt = this.#timers.now();
    void this.#keepAlive();
  }

  /** Renews the lease. A write that failed is tried again: the store may be reachable again. */
  async #keepAlive(): Promise<void> {
    for (;;) {
      await this.#timers.sleep(this.#journal.leaseMs / 3, this.#ended);
      if (this.#ended.aborted) return;
      const overForMs = this.#isAwaited ? 0 : this.#timers.elapsed() - (this.#settledAt ?? Infinity);
      const isDone = this.#inFlight.size === 0 && !this.#operation.isStillNeeded();
      if (overForMs > LAST_TRIES_MS && isDone) this.#ended.abort();
      else if (overForMs > 0) await this.#attempt(() => this.#conclude());
      else await this.#attempt(() => (this.#isStale ? this.#write() : this.#renew()));
    }
  }

  async #renew(): Promise<void> {
    if (this.#claim === undefined || this.#ended.aborted) return;
    const at = this.#timers.now();
    if (await this.#answer(this.#journal.renew(this.#claim))) this.#renewedAt = at;
    else this.#lose();
  }

  /** Removes the record if nothing may be running. Otherwise it stays, for `recover()`. */
  async #conclude(): Promise<void> {
    if (this.#claim === undefined || this.#ended.aborted) return;
    const { isAnythingLeft } = this.#contents;
    if (isAnythingLeft) {
      await this.#write();
      if (this.#inFlight.size > 0 || this.#operation.isStillNeeded()) return;
    }
    await this.#answer(isAnythingLeft ? this.#journal.release(this.#claim) : this.#journal.remove(this.#claim));
    this.#ended.abort();
  }

  #lose(): void {
    this.#ended.abort();
    this.#operation.takenOver();
  }

  #answer<T>(promise: Promise<T>): Promise<T> {
    return this.#timers.within(promise, STORE_TIMEOUT_MS);
  }

  /** Warns once of a store that is away. The operation goes on. */
  async #quietly(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (this.#hasWarned) return;
      this.#hasWarned = true;
      const why = failureOf(error).error.message;
      this.#operation.warn('journal-failed', `The operation goes on without its journal, which failed: ${why}`);
    }
  }
}
