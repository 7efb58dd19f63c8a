import {
  plainPlatform,
  type Platform,
  type ExitParticipant,
  type ExitRegistration,
  type UnclaimedImages,
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
  say(leftovers: readonly Leftover[], unclaimed: readonly UnclaimedImages[]): void;
}

/** The part of Node's host that decides about life and death, as `src/node/signals/shutdown.ts` and `registry.ts` have it. No exit path. */
export class SimulatedHost implements Platform {
  readonly cancelsOnExit = false;
  readonly track = plainPlatform.track.bind(plainPlatform);
  readonly crowd = plainPlatform.crowd.bind(plainPlatform);
  readonly checkSignals = plainPlatform.checkSignals.bind(plainPlatform);
  readonly #operations = new Set<ExitParticipant>();
  readonly #owner: HostOwner;
  /** The operations of the press, and those that are not ready for the death of the process yet. */
  #pressed: { readonly all: readonly ExitParticipant[]; readonly open: Set<ExitParticipant> } | undefined;

  constructor(owner: HostOwner) {
    this.#owner = owner;
  }

  /** A process signal that the application does not listen to: the process dies when all that it stops are ready. */
  press(signal: ProcessSignal): void {
    if (this.#pressed !== undefined) {
      this.#die();
      return;
    }
    const all = [...this.#operations].filter(({ signals }) => signals.includes(signal));
    this.#pressed = { all, open: new Set(all) };
    for (const operation of all) void operation.shutDown(signal, true).then(() => this.#ready(operation));
    if (all.length === 0) this.#die();
  }

  admission(): Promise<void> | undefined {
    return this.#pressed === undefined ? undefined : never();
  }

  register(operation: ExitParticipant): ExitRegistration {
    this.#operations.add(operation);
    return {
      gate: () => this.admission(),
      release: () => {
        this.#ready(operation);
        this.#operations.delete(operation);
      },
    };
  }

  #ready(operation: ExitParticipant): void {
    if (this.#pressed?.open.delete(operation) === true && this.#pressed.open.size === 0) this.#die();
  }

  #die(): void {
    const all = this.#pressed?.all ?? [];
    this.#owner.say(
      all.flatMap((operation) => operation.leftovers()),
      all.flatMap((operation) => operation.unclaimed()),
    );
    this.#owner.die();
  }
}
