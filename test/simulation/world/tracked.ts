import type { OperationEvents } from '../../../src/api/events.js';
import type { JobSnapshot } from '../../../src/api/snapshot.js';
import type { Operation } from '../../../src/api/handle.js';
import type { GenerateImagesResponse } from '../../../src/api/images.js';
import { OperationCancelledError } from '../../../src/api/errors.js';
import type { CancelReport, ProcessSignal } from '../../../src/api/report.js';
import type { Call, Moment } from './calls.js';
import { attentive, type Caller, type Receipt } from './caller.js';
import { keyOf, keysIn } from './keys.js';
import type { SimulatedProcess } from './process.js';
import type { Root } from './roots.js';
import type { Simulation } from './simulation.js';

/** How a handle came to be. */
export type Origin = 'start' | 'attach' | 'recover' | 'by name';

/** An event with its place in the order of everything. */
export type Seen<Name extends keyof OperationEvents> = OperationEvents[Name] & { readonly seq: number };

/** How a promise settled, and when. */
export type Settled<T> = { readonly seq: number; readonly at: number } & (
  { readonly value: T } | { readonly error: unknown }
);

/** One handle, and all that its holder has heard. */
export class Tracked {
  readonly #simulation: Simulation;
  readonly operation: Operation;
  readonly process: SimulatedProcess;
  readonly origin: Origin;
  /** The operation that it is a handle of; `undefined` for a name of which nothing is known. */
  readonly root: Root | undefined;
  readonly since: number;
  /** The jobs as they were when it began to be tracked. */
  readonly initialJobs: readonly JobSnapshot[];
  readonly caller: Caller;
  readonly images: Seen<'image'>[] = [];
  /** Images that `events()` has yielded, and those of promises that the caller has asked for. */
  readonly yielded = new Set<string>();
  readonly promised = new Set<string>();
  readonly warnings: Seen<'warning'>[] = [];
  readonly settled: Seen<'settled'>[] = [];
  settledTurn = Infinity;
  readonly cancelling: Seen<'cancelling'>[] = [];
  /** The names of its events, in order: to listeners, and to an iterator. */
  readonly heard: string[] = [];
  readonly iterated: string[] = [];
  hasIterated = false;
  /** The first `cancel()` after the end, and what it named as unknown then. */
  lateCancel: (Moment & { readonly names: readonly string[] }) | undefined;
  /** The reports of all its `cancel()` calls. */
  readonly reports: CancelReport[] = [];
  cancelTimeoutMs = 8_000;
  shutdownMs = 8_000;
  signals: readonly ProcessSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  detachedSeq = Infinity;
  /** In ms since the epoch. */
  detachedAt = Infinity;
  /** When `result()` was called. */
  askedAt: number | undefined;
  /** Of the signals that it was given. */
  controllers: readonly AbortController[] = [];
  /** The trigger and reason of its first cancel, if it was one of ours. */
  expectedStop: { readonly trigger: string; readonly reason?: unknown } | undefined;
  result: Settled<GenerateImagesResponse> | undefined;
  submitted: Settled<unknown> | undefined;
  /** When the promise of the first stop settled. */
  reported: Settled<CancelReport> | undefined;

  constructor(
    simulation: Simulation,
    process: SimulatedProcess,
    operation: Operation,
    origin: Origin,
    root: Root | undefined,
    caller: Caller = attentive,
  ) {
    this.#simulation = simulation;
    this.caller = caller;
    this.operation = operation;
    this.process = process;
    this.origin = origin;
    this.root = root;
    this.since = simulation.nextSeq();
    this.initialJobs = operation.jobs;
    simulation.tally.count('state', operation.state);
    this.#listen(simulation);
    this.#settle(operation.submitted(), (settled) => {
      this.submitted = settled;
      simulation.submitted(this);
    });
    if (caller.asks) this.ask();
    if (caller.iterates) void this.#iterate();
  }

  /** Waits for the result, from here on. `promise`: that of a drop-in call. */
  ask(promise: Promise<GenerateImagesResponse> = this.operation.result()): void {
    if (this.askedAt !== undefined) return;
    this.askedAt = this.#simulation.clock.now();
    this.#settle(promise, (settled) => {
      this.result = settled;
      if (this.process.life.state === 'dead') return;
      if ('value' in settled) this.promise(settled.value);
      else if (settled.error instanceof OperationCancelledError) this.promise(settled.error.report.response);
      this.#simulation.resulted(this);
    });
  }

  /** A promise that the caller has asked for has settled with these images. */
  promise(response: GenerateImagesResponse | undefined): void {
    for (const key of keysIn(response)) this.promised.add(key);
  }

  #settle<T>(promise: Promise<T>, keep: (settled: Settled<T>) => void): void {
    const stamp = (): { seq: number; at: number } => ({
      seq: this.#simulation.nextSeq(),
      at: this.#simulation.clock.now(),
    });
    promise.then(
      (value) => keep({ ...stamp(), value }),
      (error: unknown) => keep({ ...stamp(), error }),
    );
  }

  /** The calls of its `onImage`. */
  get receipts(): readonly Receipt[] {
    return this.#simulation.receipts.filter(({ operation }) => operation === this.operation);
  }

  /** Images that it has told of in any way. */
  get known(): ReadonlySet<string> {
    const [end] = this.settled;
    const heard = [...this.images.map(({ image }) => keyOf(image)), ...this.receipts.map(({ key }) => key)];
    return new Set([...heard, ...keysIn(end?.response), ...keysIn(end?.report?.response)]);
  }

  /** Whether the promise of `onImage` resolved for an image. */
  hasTaken(key: string): boolean {
    return this.receipts.some((receipt) => receipt.key === key && receipt.settled?.isTaken === true);
  }

  /** Whether an image was handed over, in a process that is not about to die. */
  hasDelivered(key: string): boolean {
    return this.yielded.has(key) || this.promised.has(key) || this.images.some(({ image }) => keyOf(image) === key);
  }

  /** Whether it was in flight at a moment: it had not settled, or still waited for an image or for an `onImage`. */
  #wasInFlight({ seq, at }: Pick<Moment, 'seq' | 'at'>): boolean {
    const [end] = this.settled;
    if (end === undefined || end.seq > seq || (this.result === undefined && this.askedAt !== undefined)) return true;
    if (this.#awaited(end.seq).some(({ settled }) => (settled?.seq ?? Infinity) > seq)) return true;
    const isRunning =
      this.operation.jobs.some(({ backend, state }) => backend === 'models' && state === 'running') ||
      this.#simulation.calls.some((call) => this.#isRequest(call) && isOpenAt(call, seq, at));
    const { salvageMs = 120_000 } = this.root?.options.limits ?? {};
    return isRunning && this.isStopped && at < end.at + salvageMs;
  }

  /** It makes an image of this operation, and cannot be cancelled. */
  #isRequest({ route, root, process }: Call): boolean {
    const isOwn = process === this.process.pid && root === this.root?.number && this.origin === 'start';
    return isOwn && (route === 'generateContent' || route === 'predict');
  }

  /** Calls of `onImage` but for images of jobs that its report has named as unconfirmed. */
  #awaited(endSeq: number): readonly Receipt[] {
    const named = new Set(this.names);
    const late = this.#simulation.server.work.filter(({ record: { name } }) => name !== undefined && named.has(name));
    const keys = new Set(late.flatMap((job) => job.made().map(({ key }) => key)));
    return this.receipts.filter((receipt) => receipt.seq < endSeq || !keys.has(receipt.key));
  }

  /** Whether a death of its process has to wait for it, or to speak of it (P1, P9, C14). */
  isConcernedBy(how: 'signal' | 'exit'): boolean {
    const { press, death } = this.process;
    if (how === 'signal' && (press === undefined || !this.signals.includes(press.signal))) return false;
    const moment = (how === 'signal' ? press : death) ?? this.#simulation.moment();
    return this.since <= moment.seq && moment.seq <= this.detachedSeq && this.#wasInFlight(moment);
  }

  /** Whether an image was handed over. In a process that has died of a signal only `onImage` counts. */
  hasHandedOver(key: string): boolean {
    if (this.hasTaken(key)) return true;
    const isDoomed = this.process.death?.how === 'signal' && this.isConcernedBy('signal');
    return !isDoomed && this.hasDelivered(key);
  }

  get label(): string {
    return `${this.origin} of ${this.root?.number ?? '?'} in ${this.process.pid}`;
  }

  get isSettled(): boolean {
    return this.settled.length > 0;
  }

  get isStopped(): boolean {
    return this.cancelling.length > 0;
  }

  /** The names of its jobs, as far as it knows them. */
  get names(): readonly string[] {
    return this.operation.jobs.flatMap(({ name }) => name ?? []);
  }

  async #iterate(): Promise<void> {
    for await (const event of this.operation.events()) {
      if (this.process.life.state === 'dead') return;
      this.iterated.push(event.type);
      if (event.type === 'image') this.yielded.add(keyOf(event.image));
    }
    this.hasIterated = true;
  }

  #listen(simulation: Simulation): void {
    const listen = <Name extends keyof OperationEvents>(name: Name, keep: (event: Seen<Name>) => void): void => {
      this.operation.on(name, (payload) => {
        // Nobody sees the code that still runs of a process that has just died.
        if (this.process.life.state === 'dead') return;
        simulation.note(() => `${this.label}: ${name} ${describe(payload)}`);
        this.heard.push(name);
        simulation.heard(this, name, 'code' in payload ? payload.code : undefined);
        // Its own clock may have jumped.
        keep({ ...payload, ...simulation.moment() });
      });
    };
    if (this.caller.listens) listen('image', (event) => this.images.push(event));
    listen('state', ({ to }) => simulation.tally.count('state', to));
    listen('submitted', () => undefined);
    listen('progress', () => undefined);
    listen('warning', (event) => {
      this.warnings.push(event);
      simulation.tally.count('warning', event.code);
      simulation.told.byWarning(event.message);
    });
    listen('cancelling', (event) => {
      this.cancelling.push(event);
      simulation.tally.count('trigger', event.trigger);
      simulation.stopped(this);
    });
    listen('settled', (event) => {
      this.settled.push(event);
      this.settledTurn = simulation.turn;
      simulation.settled(this);
    });
  }
}

function describe(payload: object): string {
  const { state, to, trigger, code, message, index, report, error } = payload as Record<string, unknown>;
  const { outcome } = (report ?? {}) as { outcome?: string };
  const about = [to ?? state, trigger, code, message, outcome, index, error instanceof Error ? error.message : ''];
  return about.filter((one) => one !== undefined && one !== '').join(' ');
}

/** It was sent before a moment, and neither answered nor left by then. */
function isOpenAt({ seq, delivered, leftAt = Infinity }: Call, atSeq: number, at: number): boolean {
  return seq < atSeq && (delivered?.seq ?? Infinity) > atSeq && leftAt > at;
}
