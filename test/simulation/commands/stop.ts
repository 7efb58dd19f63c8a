import fc, { type Arbitrary } from 'fast-check';
import type { CancelReport } from '../../../src/api/report.js';
import { checkLateCancel, checkLateReport, unknownNames } from '../invariants/after-end.js';
import type { Simulation } from '../world/simulation.js';
import type { Tracked } from '../world/tracked.js';
import { pick, SimulatedCommand } from './command.js';

type How = 'cancel' | 'signal' | 'dispose' | 'cancelAll' | 'close' | 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** A trigger. Most are for one operation, some for all of its process. */
class Stop extends SimulatedCommand {
  readonly kind: string;
  readonly #how: How;
  readonly #target: number;

  constructor(how: How, target: number, after: number) {
    super(after);
    this.#how = how;
    this.#target = target;
    this.kind = `stop by ${how}`;
  }

  protected override applies(simulation: Simulation): boolean {
    return this.#handle(simulation) !== undefined;
  }

  protected act(simulation: Simulation): void {
    const tracked = this.#handle(simulation);
    if (tracked === undefined) return;
    const { operation, process, controllers } = tracked;
    const reason = new Error(`reason ${simulation.nextSeq()}`);
    const images = process.images(tracked.root?.vertex === true);
    switch (this.#how) {
      case 'cancel':
        expectStop(tracked, 'cancel', reason);
        if (tracked.isSettled) cancelAfterEnd(simulation, tracked);
        keepReport(simulation, tracked, operation.cancel(reason));
        break;
      case 'signal':
        this.#abort(simulation, controllers, reason);
        break;
      case 'dispose':
        void operation[Symbol.asyncDispose]();
        break;
      case 'cancelAll':
        void images.cancelAll(reason);
        break;
      case 'close':
        process.isClosed = true;
        void images.close();
        break;
      default:
        // The application listens to SIGHUP by itself.
        process.signal(this.#how, this.#how === 'SIGHUP');
    }
  }

  protected describe(): string {
    return `handle ${this.#target} is stopped by ${this.#how}`;
  }

  #abort(simulation: Simulation, controllers: readonly AbortController[], reason: Error): void {
    const controller = pick(controllers, this.#target);
    if (controller === undefined || controller.signal.aborted) return;
    for (const other of simulation.handles) {
      if (other.controllers.includes(controller)) expectStop(other, 'signal', reason);
    }
    controller.abort(reason);
  }

  #handle(simulation: Simulation): Tracked | undefined {
    const living = simulation.handles.filter(({ process }) => process.isAlive);
    // Mostly those that run; the others have to ignore it.
    const running = living.filter(({ isSettled }) => !isSettled);
    const some = this.#target % 4 === 3 || running.length === 0 ? living : running;
    if (this.#how !== 'signal') return pick(some, this.#target);
    return pick(
      some.filter(({ controllers }) => controllers.length > 0),
      this.#target,
    );
  }
}

/** The first trigger counts, unless the end has come before. */
function expectStop(tracked: Tracked, trigger: string, reason: unknown): void {
  if (tracked.isStopped || tracked.isSettled) return;
  tracked.expectedStop ??= { trigger, reason };
}

/** It sends nothing, but for one exception (C8). */
function cancelAfterEnd(simulation: Simulation, tracked: Tracked): void {
  if (tracked.lateCancel !== undefined) return;
  // A handle that the library has made by itself may have been stopped before it was found: its report shows that.
  const isStopped = tracked.isStopped || tracked.settled[0]?.report !== undefined;
  const names = isStopped ? [] : unknownNames(tracked);
  tracked.lateCancel = { ...simulation.moment(), names };
  checkLateCancel(simulation, tracked);
}

/** Cancels what may still run of operations that nobody has cancelled. */
export function cancelAbandoned(simulation: Simulation): void {
  for (const tracked of simulation.handles) {
    const { process, settled, isStopped, lateCancel } = tracked;
    if (!process.isAlive || isStopped || lateCancel !== undefined || settled[0]?.report !== undefined) continue;
    if (unknownNames(tracked).length === 0) continue;
    cancelAfterEnd(simulation, tracked);
    keepReport(simulation, tracked, tracked.operation.cancel());
  }
}

function keepReport(simulation: Simulation, tracked: Tracked, promise: Promise<CancelReport>): void {
  const isFirst = !tracked.isSettled;
  const stamp = (): { seq: number; at: number } => ({ seq: simulation.nextSeq(), at: simulation.clock.now() });
  promise.then(
    (value) => {
      tracked.reports.push(value);
      if (tracked.process.life.state !== 'dead') tracked.promise(value.response);
      if (isFirst) tracked.reported ??= { ...stamp(), value };
      else checkLateReport(simulation, tracked, value);
    },
    (error: unknown) => (tracked.reported = { ...stamp(), error }),
  );
}

/** All operations of a process are stopped at once. */
export function stopAll(after: Arbitrary<number>): Arbitrary<SimulatedCommand> {
  const how = fc.constantFrom<How[]>('cancelAll', 'close', 'SIGINT', 'signal');
  return fc.tuple(how, after).map(([how, after]) => new Stop(how, 0, after));
}

export function stop(after: Arbitrary<number>): Arbitrary<SimulatedCommand> {
  const how = fc.constantFrom<How[]>(
    'cancel',
    'cancel',
    'cancel',
    'signal',
    'signal',
    'signal',
    'dispose',
    'cancelAll',
    'close',
    'SIGINT',
    'SIGTERM',
    'SIGHUP',
  );
  return fc.tuple(how, fc.nat(11), after).map(([how, target, after]) => new Stop(how, target, after));
}
