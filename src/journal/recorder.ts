import { failureOf } from '../backends/failures.js';
import { NotStartedError } from '../errors/not-started-error.js';
import type { WarningCode } from '../operation/events.js';
import type { Job } from '../operation/job.js';
import { createDeferred } from '../operation/deferred.js';
import type { Timers } from '../operation/timers.js';
import { joinEntry, type JoinedEntry } from './join.js';
import type { Journal, JournalClaim } from './journal.js';
import { RecordContents, type DescribedOperation } from './record-contents.js';

/** A store that says nothing for so long is away. */
const STORE_TIMEOUT_MS = 10_000;
/** For how long the end is tried to be written. A record that stays is found to be over by whoever recovers it. */
const LAST_TRIES_MS = 120_000;

/** How an operation comes to its record: a `new` one, one that is looked for, to `join` it, or one that was claimed. */
export type RecordStart = 'new' | 'join' | JoinedEntry;

/** What the recorder needs of its operation. */
export interface RecordedOperation extends DescribedOperation {
  /** This process lives on, and its caller may still ask for the images, or a job is still watched. */
  isStillNeeded(): boolean;
  /** Somebody else has the operation now. */
  takenOver(): void;
  warn(code: WarningCode, message: string): void;
  /** `isBusy` may have changed. */
  busyChanged(): void;
}

/**
 * Writes one operation down, before its creates and as the names come, and takes the record out when the operation has
 * settled and nothing is left running. As long as it lives it renews its lease.
 */
export class OperationRecorder {
  /** Resolves when the record is out, or as it is to stay. */
  readonly done = createDeferred<undefined>();
  readonly #journal: Journal;
  readonly #timers: Timers;
  readonly #operation: RecordedOperation;
  readonly #ended = new AbortController();
  readonly #contents: RecordContents;
  /** Creates without an answer, and duplicates whose cancel is not confirmed. Until they are done the record is ours. */
  readonly #inFlight = new Set<Job | string>();
  readonly #written = new Set<Job>();
  #claim: JournalClaim | undefined;
  /** Whoever asked for the operation has not got it yet. */
  #isAwaited = false;
  #renewedAt = 0;
  #settledAt: number | undefined;
  #hasWarned = false;
  #queue: Promise<unknown> = Promise.resolve();
  #next: Promise<void> | undefined;
  #pending = 0;

  constructor(journal: Journal, timers: Timers, start: RecordStart, operation: RecordedOperation) {
    this.#journal = journal;
    this.#timers = timers;
    this.#operation = operation;
    this.#contents = new RecordContents(operation);
    if (typeof start === 'object') this.#own(start);
  }

  /** Looks for the record of an operation that was started elsewhere, and takes it over if nobody has it. */
  join(): void {
    if (this.#claim === undefined) void this.#follow();
  }

  /** Something is being written: the process must not end before that by itself. */
  get isBusy(): boolean {
    return this.#pending > 0;
  }

  /** Resolves when it is written down that the create of this job may be on its way. Rejects with `JOURNAL_FAILED`. */
  async beforeCreate(job: Job): Promise<void> {
    this.#contents.announce(job);
    this.#inFlight.add(job);
    try {
      await this.#flush();
    } catch (error) {
      this.#contents.withdraw(job);
      this.#inFlight.delete(job);
      throw new NotStartedError('JOURNAL_FAILED', 'The journal could not be written, so nothing was sent.', {
        jobs: [job.reference()],
        cause: failureOf(error).error,
      });
    }
  }

  /** The create was answered, or will never be. */
  afterCreate(job: Job): void {
    this.#landed(job);
  }

  #landed(done: Job | string): void {
    this.#inFlight.delete(done);
    if (this.#settledAt !== undefined && this.#inFlight.size === 0)
      void this.#quietly(this.#enqueue(() => this.#conclude()));
  }

  /** The create of this job has started another one, too. The library cancels it. */
  duplicate(job: Job, name: string): void {
    this.#contents.duplicate(job, name);
    this.#inFlight.add(name);
    void this.#quietly(this.#flush());
  }

  /** `isEnded`: the server has confirmed its end. Otherwise its name stays in the record. */
  duplicateDone(name: string, isEnded: boolean): void {
    if (isEnded) this.#contents.duplicateEnded(name);
    this.#landed(name);
  }

  /** A job has changed. Its name is worth a write, and so is the end of one that has none; else the server knows better. */
  changed(job: Job): void {
    const isNews = job.name !== undefined || (job.end !== undefined && this.#contents.isAnnounced(job));
    if (!isNews || this.#written.has(job) || this.#claim === undefined || this.#settledAt !== undefined) return;
    this.#written.add(job);
    void this.#quietly(this.#flush());
  }

  /** A name arrived that nobody waits for any more. */
  lateName(job: Job, name: string): void {
    this.#contents.lateName(job, name);
    void this.#quietly(this.#flush());
  }

  /** What came so late is over: the server said so. */
  lateEnd(job: Job): void {
    this.#contents.lateEnd(job);
  }

  detached(at: number): void {
    this.#contents.detachedAt = at;
    if (this.#settledAt === undefined) void this.#quietly(this.#flush());
  }

  /** The operation has settled. Resolves when that is written. Never rejects. */
  async settled(): Promise<void> {
    this.#settledAt = this.#timers.now();
    if (this.#isAwaited) return;
    await this.#quietly(this.#enqueue(() => this.#conclude()));
    this.done.resolve(undefined);
  }

  /** Images were handed over after the end: the record may go now. */
  claimsChanged(): void {
    if (this.#settledAt !== undefined && !this.#isAwaited) this.settledSoon();
  }

  /** Resolves when what is known now is written, or could not be; `undefined` if it is already. */
  written(): Promise<unknown> | undefined {
    return this.isBusy ? this.#queue : undefined;
  }

  /** Like `settled()`, once the code that waited for the end has run. */
  settledSoon(): void {
    const hasNothing = this.#claim === undefined && !this.isBusy;
    const turn = hasNothing ? Promise.resolve() : this.#enqueue(() => this.#timers.sleep(0));
    void turn.then(() => this.settled());
  }

  /** A promise if the lease has run out: somebody else may have the operation by now. */
  check(): Promise<void> | undefined {
    if (this.#claim === undefined || this.#ended.signal.aborted) return undefined;
    if (this.#timers.now() - this.#renewedAt < this.#journal.leaseMs) return undefined;
    return this.#quietly(this.#enqueue(() => this.#renew()));
  }

  /** Everything up to now is written when this resolves. What is asked for in one turn is written in one go. */
  #flush(): Promise<void> {
    this.#next ??= this.#enqueue(() => {
      this.#next = undefined;
      return this.#write();
    });
    return this.#next;
  }

  /** One after another: what is written last has to be the newest. */
  #enqueue(work: () => Promise<void>): Promise<void> {
    this.#pending++;
    this.#operation.busyChanged();
    const done = this.#queue.then(work).finally(() => {
      this.#pending--;
      this.#operation.busyChanged();
    });
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async #write(): Promise<void> {
    if (this.#ended.signal.aborted) return;
    const at = this.#timers.now();
    const text = this.#contents.textAt(at, this.#settledAt !== undefined);
    if (this.#claim === undefined) {
      this.#own({ claim: await this.#add(text) });
    } else if (!(await this.#answer(this.#journal.write(this.#claim, text)))) {
      this.#lose();
    }
    this.#renewedAt = at;
  }

  /** What is added too late to count must not be taken for something that runs. */
  async #add(text: string): Promise<JournalClaim> {
    const adding = this.#journal.add(this.#operation.snapshot().id, text);
    try {
      return await this.#answer(adding);
    } catch (error) {
      adding.then((claim) => this.#journal.remove(claim)).catch(() => undefined);
      throw error;
    }
  }

  /**
   * The owner may be dead without anyone being able to tell before its lease has run out: it is asked for again until then,
   * also after the operation has settled, or else its record would be recovered, and what was delivered delivered again.
   */
  async #follow(): Promise<void> {
    await this.#quietly(this.#enqueue(() => this.#join(true)));
    const until = (): number => (this.#settledAt ?? Infinity) + 2 * this.#journal.leaseMs;
    while (this.#claim === undefined && !this.#ended.signal.aborted && this.#timers.now() < until()) {
      await this.#timers.sleep(this.#journal.leaseMs / 10, this.#ended.signal);
      await this.#quietly(this.#enqueue(() => this.#join(false)));
    }
  }

  async #join(isFirst: boolean): Promise<void> {
    if (this.#claim !== undefined || this.#ended.signal.aborted) return;
    const { id } = this.#operation.snapshot();
    const jobs = this.#operation.jobs().map((job) => job.reference());
    const joined = await this.#answer(joinEntry(this.#journal, id, jobs));
    if (typeof joined === 'object') this.#own(joined);
    else if (joined === 'none' && isFirst) await this.#write();
    // Whoever had it has seen it to its end, or others have to.
    else if (joined !== 'owned') this.#end();
    if (this.#settledAt !== undefined) await this.#conclude();
  }

  #own({ claim, record, handedOver }: JoinedEntry): void {
    this.#claim = claim;
    if (record !== undefined) this.#contents.continue(record);
    if (handedOver !== undefined) void this.#await(handedOver);
    this.#renewedAt = this.#timers.now();
    void this.#keepAlive();
  }

  async #await(handedOver: Promise<undefined>): Promise<void> {
    this.#isAwaited = true;
    await handedOver;
    this.#isAwaited = false;
    if (this.#settledAt !== undefined) this.settledSoon();
  }

  async #keepAlive(): Promise<void> {
    for (;;) {
      await this.#timers.sleep(this.#journal.leaseMs / 3, this.#ended.signal);
      if (this.#ended.signal.aborted) return;
      const overForMs = this.#isAwaited ? 0 : this.#timers.now() - (this.#settledAt ?? Infinity);
      const isDone = this.#inFlight.size === 0 && !this.#operation.isStillNeeded();
      if (overForMs > LAST_TRIES_MS && isDone) this.#end();
      // What the end had to be written to may be back.
      else await this.#quietly(this.#enqueue(() => (overForMs > 0 ? this.#conclude() : this.#renew())));
    }
  }

  async #renew(): Promise<void> {
    if (this.#claim === undefined || this.#ended.signal.aborted) return;
    const at = this.#timers.now();
    if (await this.#answer(this.#journal.renew(this.#claim))) this.#renewedAt = at;
    else this.#lose();
  }

  /** What is over leaves the journal. What may be running stays, for whoever recovers it. */
  async #conclude(): Promise<void> {
    if (this.#claim === undefined || this.#ended.signal.aborted) return;
    if (!this.#contents.isAnythingLeft) {
      await this.#answer(this.#journal.remove(this.#claim));
      this.#end();
      return;
    }
    await this.#write();
    if (this.#inFlight.size > 0 || this.#operation.isStillNeeded()) return;
    await this.#answer(this.#journal.release(this.#claim));
    this.#end();
  }

  #lose(): void {
    this.#end();
    this.#operation.takenOver();
  }

  #end(): void {
    this.#ended.abort();
  }

  #answer<T>(promise: Promise<T>): Promise<T> {
    return this.#timers.within(promise, STORE_TIMEOUT_MS);
  }

  /** The jobs come first: a store that is away is said once, and the operation goes on. */
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
