import type { Scheduler } from 'fast-check';
import type { MemoryJournalEntry } from '../../../src/journal/memory.js';
import type { JobReference } from '../../../src/api/snapshot.js';
import type { Operation } from '../../../src/api/handle.js';
import { settingsOf, type EmulatorOptions } from '../../../src/testing/settings.js';
import { checkEvent } from '../invariants/events.js';
import { checkSilentDeath } from '../invariants/last-words.js';
import { checkAwaited } from '../invariants/on-image.js';
import { checkCancelling, checkSettling, checkSubmitted } from '../invariants/when-settling.js';
import { CallLog } from './call-log.js';
import type { Call, Moment } from './calls.js';
import { attentive, type Caller, type Receipt } from './caller.js';
import { SimulatedClock } from './clock.js';
import { discover } from './discovery.js';
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

/** The choices that a run has of its world. */
export interface WorldOptions {
  readonly emulator: Omit<EmulatorOptions, 'clock'>;
  readonly leaseMs: number;
  /** How many batches a page of a list has at most. */
  readonly pageSize: number;
}

/** One run: a server, a journal, processes that come and go, and everything that anybody has seen. */
export class Simulation {
  readonly clock = new SimulatedClock();
  readonly server: SimulatedServer;
  readonly entries = new Map<string, MemoryJournalEntry>();
  readonly leaseMs: number;
  readonly pageSize: number;
  readonly driver: Driver;
  readonly tally: Tally;
  readonly told = new Told();
  readonly processes: SimulatedProcess[] = [];
  readonly roots: Root[] = [];
  readonly handles: Tracked[] = [];
  /** All calls of `onImage`. */
  readonly receipts: Receipt[] = [];
  /** Ids of operations whose records are taken out on purpose. */
  readonly forgetting = new Set<string>();
  readonly log: CallLog;
  readonly violations: Violation[] = [];
  readonly history: string[] = [];
  /** Signals of callers with the listeners that they have. */
  readonly signals: { readonly listeners: () => number }[] = [];
  /** Whose operations cannot be told apart from those that nobody owns: it was frozen, or its network stood still, for too long. */
  readonly suspected = new Set<number>();
  /** Calls of the library whose answer is still to come. */
  readonly expected: Expected[] = [];
  /** When the network stood still. */
  readonly stalls: { readonly from: number; to: number }[] = [];
  /** Operations whose batch a proxy creates twice. */
  readonly repeated = new Set<number>();
  /** When everything before the last step was over. */
  stepSeq = 0;
  /** Which turn of the event loop it is. */
  turn = 0;
  readonly #isTracing: boolean;
  readonly #known = new Set<Operation>();
  readonly #toCheck: (() => void)[] = [];
  #seq = 0;

  constructor(scheduler: Scheduler, { emulator, leaseMs, pageSize }: WorldOptions, tally: Tally, isTracing: boolean) {
    this.server = new SimulatedServer(settingsOf({ retired: [], ...emulator, clock: this.clock }));
    this.leaseMs = leaseMs;
    this.pageSize = pageSize;
    const { background, whileRunning: { reads, cancels } = {} } = emulator;
    tally.count('world', background === 'refused' ? 'C' : (reads ?? cancels) === undefined ? 'A' : 'B');
    this.tally = tally;
    this.#isTracing = isTracing;
    this.log = new CallLog(this);
    const onTurn = (label: string): void => this.note(() => label);
    this.driver = new Driver(scheduler, this.clock, onTurn, () => this.#afterStep());
  }

  nextSeq(): number {
    this.#seq += 1;
    return this.#seq;
  }

  moment(): Moment {
    return { seq: this.nextSeq(), at: this.clock.now(), turn: this.turn };
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

  /** All requests of all processes. */
  get calls(): readonly Call[] {
    return this.log.calls;
  }

  isKnown(operation: Operation): boolean {
    return this.#known.has(operation);
  }

  rootNumbered(number: number | undefined): Root | undefined {
    return number === undefined ? undefined : this.roots[number - 1];
  }

  track(
    process: SimulatedProcess,
    operation: Operation,
    origin: Origin,
    root: Root | undefined,
    caller: Caller = attentive,
  ): Tracked {
    this.#known.add(operation);
    const tracked = new Tracked(this, process, operation, origin, root, caller);
    this.handles.push(tracked);
    return tracked;
  }

  /** `recover()` has named a record that it left alone, or took out: its jobs are the user's to look into. */
  skipped(id: string, jobs: readonly JobReference[]): void {
    const root = this.handles.find(({ operation }) => operation.id === id)?.root;
    if (root === undefined) return;
    for (const job of jobs) {
      if (job.name === undefined) this.told.doubt(root.number, indicesOf(job, root));
      else this.told.names.add(job.name);
    }
  }

  /** To be looked at as soon as everything that waits for nothing has gone on. */
  checkSoon(check: () => void): void {
    this.#toCheck.push(check);
  }

  /** A listener was called. */
  heard(tracked: Tracked, event: string, code: unknown): void {
    checkEvent(this, tracked, event, code);
  }

  /** `submitted()` has settled. */
  submitted(tracked: Tracked): void {
    checkSubmitted(this, tracked);
  }

  /** `result()` has settled. */
  resulted(tracked: Tracked): void {
    checkAwaited(this, tracked);
    checkSilentDeath(this, tracked);
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
    for (const process of this.processes) if (process.life.state !== 'dead') discover(this, process);
    for (const check of this.#toCheck.splice(0)) check();
    this.stepSeq = this.#seq;
    this.turn += 1;
    const [violation] = this.violations;
    if (violation !== undefined) throw violation;
  }
}
