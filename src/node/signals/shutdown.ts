import type { ExitParticipant } from '../../operation/platform.js';
import { createDeferred } from '../../util/deferred.js';
import type { CancelReport, Leftover, ProcessSignal } from '../../api/report.js';
import { raise } from './raise.js';
import { guardStandardStreams, say } from '../terminal.js';

/** What a press needs of the registry. */
export interface ShutdownOwner {
  /** Takes our listeners off, so that a raised signal does what it does without us. */
  dropListeners(): void;
  /** The press is over and the process goes on. */
  over(): void;
}

/**
 * One press of Ctrl+C, or one signal from elsewhere: cancels what is in flight, waits for the reports, and lets the process
 * die of the same signal, unless the application listens to it and decides for itself.
 */
export class Shutdown {
  /** Whether the process dies of it. */
  readonly isFatal: boolean;
  readonly #survived = createDeferred<undefined>();
  readonly #signal: ProcessSignal;
  readonly #owner: ShutdownOwner;
  readonly #stopping: Set<ExitParticipant>;
  #unguard = (): void => undefined;
  #raised = false;

  constructor(signal: ProcessSignal, isFatal: boolean, stopping: readonly ExitParticipant[], owner: ShutdownOwner) {
    this.#signal = signal;
    this.isFatal = isFatal;
    this.#stopping = new Set(stopping);
    this.#owner = owner;
  }

  /** Resolves if the process outlives the press after all. */
  get survived(): Promise<undefined> {
    return this.#survived.promise;
  }

  /** Whether the process is dying: our listeners are gone, and must not come back, since they would be the application's. */
  get hasRaised(): boolean {
    return this.#raised;
  }

  /** The operations that have not ended yet. */
  get stopping(): readonly ExitParticipant[] {
    return [...this.#stopping];
  }

  /** Sends the cancels, in this turn. */
  begin(): void {
    const { stopping } = this;
    for (const operation of stopping) void operation.stop(this.#signal);
    if (!this.isFatal) return;
    this.#unguard = guardStandardStreams();
    if (stopping.some(({ hasAudience }) => !hasAudience)) {
      say(`${this.#signal}: cancelling on the server. Once more leaves at once.`);
    }
    if (stopping.length === 0) this.#die(this.#signal);
  }

  /** A second press does not want to wait. */
  leave(signal: ProcessSignal): void {
    if (this.#raised) return;
    const leftovers = this.stopping.flatMap((operation) => operation.leftovers());
    sayLeftovers('left without confirmation', leftovers);
    this.#die(signal);
  }

  /** An operation has ended. Returns what its callers have to wait for before they hear of it. */
  settled(operation: ExitParticipant, report: CancelReport | undefined): Promise<void> | undefined {
    if (!this.#stopping.delete(operation)) return undefined;
    if (this.isFatal && report !== undefined && !operation.hasAudience) sayOutcome(report);
    this.#proceed();
    return this.isFatal ? this.survived : undefined;
  }

  /** An operation was detached: it is not waited for any more. */
  released(operation: ExitParticipant): void {
    if (this.#stopping.delete(operation)) this.#proceed();
  }

  #proceed(): void {
    if (this.#stopping.size > 0) return;
    if (this.isFatal) this.#die(this.#signal);
    else this.#owner.over();
  }

  #die(signal: ProcessSignal): void {
    if (this.#raised) return;
    this.#raised = true;
    this.#owner.dropListeners();
    raise(signal as NodeJS.Signals, () => {
      this.#unguard();
      this.#owner.over();
      this.#survived.resolve(undefined);
    });
  }
}

function sayOutcome({ outcome, leftovers }: CancelReport): void {
  const isKnown = outcome !== 'unconfirmed';
  say(isKnown ? `${outcome}, says the server.` : 'the server has not confirmed the end of every job.');
  sayLeftovers('may still be running', leftovers);
}

function sayLeftovers(what: string, leftovers: readonly Leftover[]): void {
  for (const { name, howToCancel } of leftovers) {
    say(name === undefined ? `${what}. ${howToCancel}` : `${what}: ${name}. Stop it with: ${howToCancel}`);
  }
}
