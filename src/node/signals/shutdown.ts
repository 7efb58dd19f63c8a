import type { ExitParticipant } from '../../operation/platform.js';
import { createDeferred } from '../../util/deferred.js';
import type { ProcessSignal } from '../../api/report.js';
import { raise } from './raise.js';
import { beginLine, lastLines, outcomeLine, type Ending } from './shutdown-lines.js';
import { guardStandardStreams, say } from '../terminal.js';

/** The registry, as far as a shutdown needs it. */
export interface ShutdownOwner {
  /** Takes our listeners off, so that a raised signal has its own effect. */
  dropListeners(): void;
  /** The shutdown is over, and the process goes on. */
  over(): void;
  /** All that is in flight, also what this signal does not stop: nothing survives the process. */
  inFlight(): readonly ExitParticipant[];
}

/**
 * One press of Ctrl+C, or one signal from elsewhere: cancels the operations in flight, waits for the reports, and lets the
 * process die of the same signal, unless the application listens to it and decides for itself.
 */
export class Shutdown {
  /** Whether the process dies of it. */
  readonly isFatal: boolean;
  /** Resolves if the process outlives the signal. */
  readonly survived = createDeferred<undefined>();
  /** The operations that are not ready for the death of the process yet. */
  readonly stopping: Set<ExitParticipant>;
  /** Whether the process is dying: our listeners are gone, and must not come back, since they would be the application's. */
  hasRaised = false;
  readonly #signal: ProcessSignal;
  readonly #owner: ShutdownOwner;
  readonly #operations: readonly ExitParticipant[];
  #unguard = (): void => undefined;

  constructor(signal: ProcessSignal, isFatal: boolean, stopping: Set<ExitParticipant>, owner: ShutdownOwner) {
    this.#signal = signal;
    this.isFatal = isFatal;
    this.stopping = stopping;
    this.#operations = [...stopping];
    this.#owner = owner;
  }

  /** Sends the cancels, in this turn. */
  begin(): void {
    const operations = this.#operations;
    const endings = operations.map((operation) => operation.shutDown(this.#signal, this.isFatal));
    operations.forEach((operation, index) => void endings[index]?.then(() => this.released(operation)));
    if (this.isFatal) {
      this.#unguard = guardStandardStreams();
      const silent = this.#silent();
      if (silent.length > 0) say(beginLine(this.#signal, silent));
    }
    if (operations.length === 0) this.#end();
  }

  /** A second press does not wait: the process dies at once, of the first signal. */
  forceExit(): void {
    if (!this.hasRaised) this.#die('forced');
  }

  /** An operation has ended, or was detached: the shutdown does not wait for it any more. */
  released(operation: ExitParticipant): void {
    if (this.stopping.delete(operation) && this.stopping.size === 0) this.#end();
  }

  #end(): void {
    const pending = this.#operations.flatMap((operation) => operation.handingOver() ?? []);
    if (!this.isFatal) this.#owner.over();
    else if (pending.length > 0) void Promise.all(pending).then(() => this.#end());
    else if (!this.hasRaised) {
      say(...outcomeLine(this.#silent()));
      this.#die('signal');
    }
  }

  #silent(): readonly ExitParticipant[] {
    return this.#operations.filter(({ hasAudience }) => !hasAudience);
  }

  #die(ending: Ending): void {
    say(...lastLines(this.#owner.inFlight(), ending));
    this.hasRaised = true;
    this.#owner.dropListeners();
    raise(this.#signal as NodeJS.Signals, () => {
      this.#unguard();
      this.#owner.over();
      this.survived.resolve(undefined);
    });
  }
}
