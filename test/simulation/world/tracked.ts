import type { OperationEvents } from '../../../src/api/events.js';
import type { JobSnapshot } from '../../../src/api/snapshot.js';
import type { Operation } from '../../../src/api/handle.js';
import type { GenerateImagesResponse } from '../../../src/api/images.js';
import type { CancelReport } from '../../../src/api/report.js';
import type { Moment } from './calls.js';
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
  readonly operation: Operation;
  readonly process: SimulatedProcess;
  readonly origin: Origin;
  /** The operation that it is a handle of; `undefined` for a name of which nothing is known. */
  readonly root: Root | undefined;
  readonly since: number;
  /** The jobs as they were when it began to be tracked. */
  readonly initialJobs: readonly JobSnapshot[];
  readonly images: Seen<'image'>[] = [];
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
  /** What the promises of all its `cancel()` calls resolved to. */
  readonly reports: CancelReport[] = [];
  cancelTimeoutMs = 8_000;
  /** Of the signals that it was given. */
  controllers: readonly AbortController[] = [];
  /** What its first stop, if it was one of ours, was given as a reason. */
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
  ) {
    this.operation = operation;
    this.process = process;
    this.origin = origin;
    this.root = root;
    this.since = simulation.nextSeq();
    this.initialJobs = operation.jobs;
    simulation.tally.count('state', operation.state);
    this.#listen(simulation);
    const settle = <T>(promise: Promise<T>, keep: (settled: Settled<T>) => void): void => {
      const stamp = (): { seq: number; at: number } => ({ seq: simulation.nextSeq(), at: simulation.clock.now() });
      promise.then(
        (value) => keep({ ...stamp(), value }),
        (error: unknown) => keep({ ...stamp(), error }),
      );
    };
    settle(operation.result(), (settled) => (this.result = settled));
    settle(operation.submitted(), (settled) => {
      this.submitted = settled;
      simulation.submitted(this);
    });
    void this.#iterate();
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
    for await (const { type } of this.operation.events()) this.iterated.push(type);
    this.hasIterated = true;
  }

  #listen(simulation: Simulation): void {
    const listen = <Name extends keyof OperationEvents>(name: Name, keep: (event: Seen<Name>) => void): void => {
      this.operation.on(name, (payload) => {
        // What is left to run of a process that has just died is seen by nobody.
        if (this.process.life.state === 'dead') return;
        simulation.note(() => `${this.label}: ${name} ${describe(payload)}`);
        this.heard.push(name);
        simulation.heard(this, name, 'code' in payload ? payload.code : undefined);
        keep({ ...payload, seq: simulation.nextSeq() });
      });
    };
    listen('image', (event) => this.images.push(event));
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
