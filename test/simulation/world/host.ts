import {
  plainPlatform,
  type Platform,
  type ExitParticipant,
  type ExitRegistration,
} from '../../../src/operation/platform.js';
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

/** The part of Node's host that decides about life and death, as `src/node/signals/shutdown.ts` and `registry.ts` have it. No exit path. */
export class SimulatedHost implements Platform {
  readonly cancelsOnExit = false;
  readonly track = plainPlatform.track.bind(plainPlatform);
  readonly checkSignals = plainPlatform.checkSignals.bind(plainPlatform);
  readonly #operations = new Set<ExitParticipant>();
  readonly #owner: HostOwner;
  #stopping: Set<ExitParticipant> | undefined;

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

  register(operation: ExitParticipant): ExitRegistration {
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

  #ended(operation: ExitParticipant): boolean {
    if (this.#stopping?.delete(operation) !== true) return false;
    if (this.#stopping.size === 0) this.#owner.die();
    return true;
  }
}
