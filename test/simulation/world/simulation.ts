import type { Scheduler } from 'fast-check';
import { memoryJournal, type MemoryJournalEntry } from '../../../src/journal/memory.js';
import { readJournal, type JournalContents } from '../../../src/journal/read.js';
import type { JobReference } from '../../../src/operation/job-snapshot.js';
import type { Operation } from '../../../src/operation/operation.js';
import { settingsOf, type EmulatorOptions } from '../../../src/testing/settings.js';
import { checkCancelling, checkSettling } from '../invariants/when-settling.js';
import type { Call } from './calls.js';
import { SimulatedClock } from './clock.js';
import { Driver } from './driver.js';
import { SimulatedProcess } from './process.js';
import type { Root } from './roots.js';
import { SimulatedServer } from './server.js';
import type { Tally } from './tally.js';
import { indicesOf, Told } from './told.js';
import { Tracked, type Origin } from './tracked.js';
import { Violation } from './violation.js';

/** A call of the library that is to be answered. */
interface Expected {
  readonly process: SimulatedProcess;
  readonly what: string;
  isAnswered: boolean;
}

/** What a run may choose of its world. */
export interface WorldOptions {
  readonly emulator: Omit<EmulatorOptions, 'clock'>;
  readonly leaseMs: number;
}

/** One run: a server, a journal, processes that come and go, and everything that anybody has seen. */
export class Simulation {
  readonly clock = new SimulatedClock();
  readonly server: SimulatedServer;
  readonly entries = new Map<string, MemoryJournalEntry>();
  readonly leaseMs: number;
  readonly driver: Driver;
  readonly tally: Tally;
  readonly told = new Told();
  readonly processes: SimulatedProcess[] = [];
  readonly roots: Root[] = [];
  readonly handles: Tracked[] = [];
  readonly calls: Call[] = [];
  readonly violations: Violation[] = [];
  readonly history: string[] = [];
  /** Signals of callers with the listeners that they have. */
  readonly signals: { readonly listeners: () => number }[] = [];
  /** Whose operations cannot be told apart from those that nobody owns: it was frozen, or its network stood still, for too long. */
  readonly suspected = new Set<number>();
  /** Calls of the library whose answer is still to come. */
  readonly expected: Expected[] = [];
  /** When everything before the last step was over. */
  stepSeq = 0;
  readonly #isTracing: boolean;
  readonly #known = new Set<Operation>();
  readonly #toCheck: (() => void)[] = [];
  #seq = 0;

  constructor(scheduler: Scheduler, { emulator, leaseMs }: WorldOptions, tally: Tally, isTracing: boolean) {
    this.server = new SimulatedServer(settingsOf({ ...emulator, clock: this.clock }));
    this.leaseMs = leaseMs;
    this.tally = tally;
    this.#isTracing = isTracing;
    const onTurn = (label: string): void => this.note(() => label);
    this.driver = new Driver(scheduler, this.clock, onTurn, () => this.#afterStep());
  }

  nextSeq(): number {
    this.#seq += 1;
    return this.#seq;
  }

  note(text: () => string): void {
    if (!this.#isTracing) return;
    const at = this.clock.now() - Date.UTC(2026, 0, 1);
    this.history.push(`${String(at).padStart(8)} #${this.#seq} ${text()}`);
  }

  spawn(): SimulatedProcess {
    const process = new SimulatedProcess(this, this.processes.length + 1);
    this.processes.push(process);
    return process;
  }

  rootNumbered(number: number | undefined): Root | undefined {
    return number === undefined ? undefined : this.roots[number - 1];
  }

  /** What the journal holds, seen from outside. */
  readJournal(): Promise<JournalContents> {
    return readJournal(memoryJournal({ clock: this.clock, entries: this.entries, leaseMs: this.leaseMs }));
  }

  track(process: SimulatedProcess, operation: Operation, origin: Origin, root: Root | undefined): Tracked {
    this.#known.add(operation);
    const tracked = new Tracked(this, process, operation, origin, root);
    this.handles.push(tracked);
    return tracked;
  }

  /** Which operation a handle of unknown origin is of: by its id, or by the names of its jobs. */
  rootOf(operation: Operation): { root: Root | undefined; isById: boolean } {
    const byId = this.handles.find(({ operation: { id } }) => id === operation.id)?.root;
    if (byId !== undefined) return { root: byId, isById: true };
    const named = operation.jobs.map(({ name }) => this.server.work.find(({ record }) => record.name === name));
    return { root: this.rootNumbered(named.find((job) => job !== undefined)?.root), isById: false };
  }

  /** `recover()` has named what is in doubt, also of an operation that settles at once. */
  recovered(id: string, inDoubt: readonly JobReference[]): void {
    const root = this.handles.find(({ operation }) => operation.id === id)?.root;
    if (root === undefined) return;
    for (const job of inDoubt) this.told.doubt(root.number, indicesOf(job, root));
  }

  open(given: Omit<Call, 'seq' | 'at'>): Call {
    const call = { ...given, seq: this.nextSeq(), at: this.clock.now() };
    this.calls.push(call);
    this.note(() => `${call.process} sends ${describeCall(call)}`);
    return call;
  }

  /** The server has answered: the answer is on its way. */
  answered(call: Call): void {
    call.wasEnded = this.hasEnded(call.name);
    this.link(call);
  }

  /** Finds what the meter has of it. */
  link(call: Call): void {
    call.record ??= this.server.meter.requests.findLast(({ apiClient }) => apiClient === `call-${call.seq}`);
  }

  delivered(call: Call, outcome: NonNullable<Call['outcome']>): void {
    call.outcome = outcome;
    call.deliveredSeq = this.nextSeq();
    call.deliveredAt = this.clock.now();
    this.note(() => {
      const { status, faults = [], job } = call.record ?? {};
      return `${call.process} hears ${describeCall(call)}: ${outcome} ${status ?? ''} ${faults.join('+')} ${job ?? ''}`;
    });
  }

  /** The request as the emulator gets it. */
  requestFor(
    { seq }: Call,
    { url, method, headers, body }: { url: URL; method: string; headers: Headers; body: string },
    { signal }: { signal: AbortSignal },
  ): Request {
    // The field is free to tell the records of the meter apart by: nobody else looks at it.
    const get = (name: string): string | null => (name === 'x-goog-api-client' ? `call-${seq}` : headers.get(name));
    return {
      url: url.href,
      method,
      signal,
      headers: { get },
      text: () => Promise.resolve(body),
    } as unknown as Request;
  }

  hasEnded(name: string | undefined): boolean {
    return this.server.work.some(({ record }) => record.name === name && record.endedAt !== undefined);
  }

  /** To be looked at as soon as everything that waits for nothing has gone on. */
  checkSoon(check: () => void): void {
    this.#toCheck.push(check);
  }

  stopped(tracked: Tracked): void {
    checkCancelling(this, tracked);
  }

  settled(tracked: Tracked): void {
    this.told.bySettling(tracked);
    checkSettling(this, tracked);
  }

  /** `cancel(name)` never rejects; the others do with what the journal rejects with. */
  expectAnswer(process: SimulatedProcess, what: string, promise: Promise<unknown>): void {
    const expected: Expected = { process, what, isAnswered: false };
    this.expected.push(expected);
    promise.then(
      () => (expected.isAnswered = true),
      (error: unknown) => {
        expected.isAnswered = true;
        if (process.hasBadStore && !what.startsWith('cancel')) return;
        this.crashed(error, what);
      },
    );
  }

  /** Something was thrown that nothing is documented to throw. */
  crashed(error: unknown, where = ''): void {
    const { stack = String(error) } = Object(error) as Error;
    this.violated(new Violation('crash', `${where} ${stack}`));
  }

  violated(violation: Violation): void {
    this.violations.push(violation);
    this.note(() => `VIOLATION ${violation.message}`);
  }

  #afterStep(): void {
    for (const process of this.processes) if (process.life.state !== 'dead') this.#discover(process);
    for (const check of this.#toCheck.splice(0)) check();
    this.stepSeq = this.#seq;
    const [violation] = this.violations;
    if (violation !== undefined) throw violation;
  }

  /** Handles that the library has made by itself, for what it recovers or cancels by name. */
  #discover(process: SimulatedProcess): void {
    for (const { operations } of process.clients) {
      for (const operation of operations) if (!this.#known.has(operation)) this.#meet(process, operation);
    }
  }

  #meet(process: SimulatedProcess, operation: Operation): void {
    const { root, isById } = this.rootOf(operation);
    if (isById) this.#checkOwner(process, operation);
    this.track(process, operation, isById ? 'recover' : 'by name', root);
  }

  /** What is recovered belongs to nobody who lives. */
  #checkOwner({ pid }: SimulatedProcess, { id }: Operation): void {
    const owner = this.handles.find(
      (handle) =>
        handle.operation.id === id &&
        (handle.origin === 'start' || handle.origin === 'recover') &&
        !handle.isSettled &&
        handle.process.isAlive &&
        !this.suspected.has(handle.process.pid),
    );
    if (owner === undefined) return;
    this.violated(new Violation('recovery', `${pid} has recovered what ${owner.label} has, and lives`));
  }
}

function describeCall({ seq, route, name, root, indices }: Call): string {
  const about = name ?? (root === undefined ? '' : `${root}[${indices.join(',')}]`);
  return `${route} ${about} (${seq})`;
}
