import {
  plainPlatform,
  type Platform,
  type ExitParticipant,
  type ExitRegistration,
} from '../../../src/operation/platform.js';
import type { ProcessSignal } from '../../../src/api/report.js';
import type { LastWords } from './told.js';

/** One of its own for each who waits: what waits for a promise is kept by it. */
function never(): Promise<never> {
  return new Promise(() => undefined);
}

/** The process, as far as its platform needs it. */
export interface HostOwner {
  /** It dies of the signal, or has called `process.exit()`. It says this on its way out. */
  die(how: 'signal' | 'exit', words: LastWords): void;
}

/** The part of Node's host that decides about life and death, as `src/node/signals/registry.ts` has it. The exit path sends nothing. */
export class SimulatedHost implements Platform {
  readonly cancelsOnExit = false;
  readonly track = plainPlatform.track.bind(plainPlatform);
  readonly crowd = plainPlatform.crowd.bind(plainPlatform);
  readonly checkSignals = plainPlatform.checkSignals.bind(plainPlatform);
  /** Somebody has called `removeAllListeners()`: a signal kills, until an operation listens anew. */
  isDeaf = false;
  readonly #operations = new Set<ExitParticipant>();
  readonly #owner: HostOwner;
  /** The operations of the press, and those that are not ready for the death of the process yet. */
  #pressed: { readonly all: readonly ExitParticipant[]; readonly open: Set<ExitParticipant> } | undefined;

  constructor(owner: HostOwner) {
    this.#owner = owner;
  }

  /**
   * A process signal. The process dies when all that it stops are ready, unless the application owns the signal: then it
   * only cancels. A second one forces the death.
   */
  press(signal: ProcessSignal, isOwned: boolean): void {
    if (this.#pressed !== undefined) {
      if (!isOwned) this.#die('signal', this.#pressed.all);
      return;
    }
    const all = [...this.#operations].filter(({ signals }) => signals.includes(signal));
    if (isOwned) {
      for (const operation of all) void operation.shutDown(signal, false);
      return;
    }
    this.#pressed = { all, open: new Set(all) };
    for (const operation of all) void operation.shutDown(signal, true).then(() => this.#ready(operation));
    if (all.length === 0) this.#die('signal', all);
  }

  /** `process.exit()`, with whatever is in flight. */
  exit(): void {
    this.#die('exit', [...this.#operations]);
  }

  admission(): Promise<void> | undefined {
    return this.#pressed === undefined ? undefined : never();
  }

  register(operation: ExitParticipant): ExitRegistration {
    this.#operations.add(operation);
    this.isDeaf = false;
    return {
      gate: () => this.admission(),
      release: () => {
        this.#ready(operation);
        this.#operations.delete(operation);
      },
    };
  }

  #ready(operation: ExitParticipant): void {
    const pressed = this.#pressed;
    if (pressed?.open.delete(operation) === true && pressed.open.size === 0) this.#end(pressed.all);
  }

  #end(all: readonly ExitParticipant[]): void {
    const pending = all.flatMap((operation) => operation.handingOver() ?? []);
    if (pending.length === 0) this.#die('signal', all);
    else void Promise.all(pending).then(() => this.#end(all));
  }

  #die(how: 'signal' | 'exit', all: readonly ExitParticipant[]): void {
    this.#owner.die(how, {
      leftovers: all.flatMap((operation) => operation.leftovers()),
      unclaimed: all.flatMap((operation) => operation.unclaimed()),
    });
  }
}
