import { plainHost, type Host, type HostedOperation, type HostRegistration } from '../../../src/operation/platform.js';
import type { Leftover, ProcessSignal } from '../../../src/api/report.js';

/** One of its own for each who waits: what waits for a promise is kept by it. */
function never(): Promise<never> {
  return new Promise(() => undefined);
}

/** What a process is told, and what it does of itself. */
export interface HostOwner {
  /** It dies of the signal. */
  die(): void;
  /** It says this on its way out. */
  say(leftovers: readonly Leftover[]): void;
}

/** The part of Node's host that decides about life and death, as `src/node/press.ts` and `registry.ts` have it. No exit path. */
export class SimulatedHost implements Host {
  readonly cancelsOnExit = false;
  readonly track = plainHost.track.bind(plainHost);
  readonly checkSignals = plainHost.checkSignals.bind(plainHost);
  readonly #operations = new Set<HostedOperation>();
  readonly #owner: HostOwner;
  #stopping: Set<HostedOperation> | undefined;

  constructor(owner: HostOwner) {
    this.#owner = owner;
  }

  /** A process signal that the application does not listen to: the process dies when all that it stops has ended. */
  press(signal: ProcessSignal): void {
    if (this.#stopping !== undefined) {
      this.#owner.say([...this.#stopping].flatMap((operation) => operation.leftovers()));
      this.#owner.die();
      return;
    }
    this.#stopping = new Set([...this.#operations].filter(({ signals }) => signals.includes(signal)));
    for (const operation of [...this.#stopping]) void operation.stop(signal);
    if (this.#stopping.size === 0) this.#owner.die();
  }

  admission(): Promise<void> | undefined {
    return this.#stopping === undefined ? undefined : never();
  }

  register(operation: HostedOperation): HostRegistration {
    this.#operations.add(operation);
    return {
      settled: () => {
        const isStopped = this.#ended(operation);
        this.#operations.delete(operation);
        return isStopped ? never() : undefined;
      },
      release: () => {
        this.#ended(operation);
        this.#operations.delete(operation);
      },
    };
  }

  #ended(operation: HostedOperation): boolean {
    if (this.#stopping?.delete(operation) !== true) return false;
    if (this.#stopping.size === 0) this.#owner.die();
    return true;
  }
}
