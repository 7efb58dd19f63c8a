import { constants } from 'node:os';
import type { ExitParticipant, ExitRegistration, ShutdownProgress } from '../../operation/platform.js';
import { defaultSignals } from '../../api/options.js';
import type { ProcessSignal } from '../../api/report.js';
import { createDeferred } from '../../util/deferred.js';
import { didYouMean } from '../../util/expected.js';
import { sendPendingCancels } from '../exit.js';
import { beginLine, lastLines, outcomeLine, type Ending } from './shutdown-lines.js';
import { guardStandardStreams, say } from '../terminal.js';
import { hasApplicationListener, raise } from './raise.js';

/** All copies of the library in a process share the registry, also copies of other versions: it changes name when its shape does. */
const REGISTRY = Symbol.for('genai-cancel.process.v1');

/** One press is not one signal: wrappers such as `npm run` and `timeout` deliver it two or three times. */
const SAME_PRESS_MS = 500;

export type ProcessRegistry = Pick<SignalRegistry, 'admission' | 'add'>;

export function processRegistry(): ProcessRegistry {
  const shared = globalThis as { [REGISTRY]?: ProcessRegistry | undefined };
  return (shared[REGISTRY] ??= new SignalRegistry());
}

/** Operations in flight, and their listeners. An idle process has none, and keeps the behaviour of Node. */
class SignalRegistry {
  /** Also those that a signal does not stop: nothing survives the process. */
  readonly operations = new Set<ExitParticipant>();
  readonly #listeners = new Map<ProcessSignal, () => void>();
  #press: Shutdown | undefined;
  #pressedAt = -Infinity;
  #pressedSignal: ProcessSignal | undefined;

  admission(): Promise<void> | undefined {
    return this.#press?.isFatal === true ? this.#press.survived.promise : undefined;
  }

  add(operation: ExitParticipant): ExitRegistration {
    // At their first use Node opens the standard streams, which takes milliseconds: a cancel would have to wait for that.
    if (this.operations.size === 0) setImmediate(() => guardStandardStreams()());
    // Somebody may have called removeAllListeners().
    if (!process.listeners('exit').includes(this.#onExit)) process.on('exit', this.#onExit);
    this.operations.add(operation);
    this.#listenFor(operation);
    return {
      gate: () => this.admission(),
      release: () => {
        this.#press?.released(operation);
        this.operations.delete(operation);
        if (this.operations.size === 0) process.off('exit', this.#onExit);
        // During a press the listeners stay: the next press must reach us.
        if (this.#press === undefined) this.dropListeners();
      },
    };
  }

  /** A dying process gets no new listener: the raised signal would reach it. */
  #listenFor({ signals }: ExitParticipant): void {
    if (this.#press?.hasRaised === true) return;
    for (const signal of signals.filter(isSupported)) {
      const listener = this.#listeners.get(signal) ?? (() => this.#onSignal(signal));
      if (process.listeners(signal as NodeJS.Signals).includes(listener)) continue;
      this.#listeners.set(signal, listener);
      // In front, so that a `once` listener of the application is still there to be seen.
      process.prependListener(signal as NodeJS.Signals, listener);
    }
  }

  /** Takes off the listeners that no operation needs; all of them if `isDying`, so that a raised signal has its own effect. */
  dropListeners(isDying = false): void {
    for (const [signal, listener] of this.#listeners) {
      if (!isDying && this.#isWanted(signal)) continue;
      process.off(signal, listener);
      this.#listeners.delete(signal);
    }
  }

  #isWanted(signal: ProcessSignal): boolean {
    for (const { signals } of this.operations) if (signals.includes(signal)) return true;
    return false;
  }

  /** The press is over, and the process goes on, unless a later press has taken its place. */
  over(press: Shutdown): void {
    if (this.#press !== press) return;
    this.#press = undefined;
    this.dropListeners();
    for (const operation of this.operations) this.#listenFor(operation);
  }

  #onSignal(signal: ProcessSignal): void {
    const press = this.#press;
    const isSamePress = performance.now() - this.#pressedAt < SAME_PRESS_MS;
    const isOwned = hasApplicationListener(signal as NodeJS.Signals, 1);
    if (press?.isFatal === true) {
      if (!isSamePress && !isOwned) press.forceExit();
      return;
    }
    // Also when the press is over already: its repeat must not hit what the application has started since.
    if (isSamePress && signal === this.#pressedSignal) return;
    // Another owned press cancels nothing again. A press that is not owned ends the process.
    if (press !== undefined && isOwned) return;
    const stopping = [...this.operations].filter((operation) => operation.signals.includes(signal));
    this.#pressedAt = performance.now();
    this.#pressedSignal = signal;
    this.#press = new Shutdown(signal, !isOwned, new Set([...stopping, ...(press?.stopping ?? [])]), this);
    this.#press.begin();
  }

  readonly #onExit = (): void => {
    const acknowledged = sendPendingCancels([...this.operations]);
    if (this.#press?.hasRaised !== true) say(...lastLines([...this.operations], 'exit', acknowledged));
  };
}

/** One press of Ctrl+C: cancels, waits, and lets the process die of its signal, unless the application listens to that. */
class Shutdown {
  readonly isFatal: boolean;
  /** Resolves if the process outlives the signal. */
  readonly survived = createDeferred<undefined>();
  /** The operations that are not ready for the death of the process yet. */
  readonly stopping: Set<ExitParticipant>;
  /** Whether the process is dying: our listeners are gone, and must not come back, since they would be the application's. */
  hasRaised = false;
  readonly #signal: ProcessSignal;
  readonly #registry: SignalRegistry;
  readonly #operations: readonly ExitParticipant[];
  #unguard = (): void => undefined;
  /** The progress of its operations when it came, until the first line has told it. */
  #opening: ShutdownProgress[] = [];

  constructor(signal: ProcessSignal, isFatal: boolean, stopping: Set<ExitParticipant>, registry: SignalRegistry) {
    this.#signal = signal;
    this.isFatal = isFatal;
    this.stopping = stopping;
    this.#operations = [...stopping];
    this.#registry = registry;
  }

  begin(): void {
    for (const operation of this.#operations) {
      void operation.shutDown(this.#signal, this.isFatal).then(() => this.released(operation));
    }
    if (this.isFatal) {
      this.#unguard = guardStandardStreams();
      this.#opening = this.#silent().map((operation) => operation.progress());
      setImmediate(() => this.#announce());
    }
    if (this.#operations.length === 0) this.#end();
  }

  /** Prints the first line. It comes when the cancels have left, since making and printing a line takes time. */
  #announce(): void {
    if (this.#opening.length > 0) say(beginLine(this.#signal, this.#opening.splice(0)));
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
    if (!this.isFatal) this.#registry.over(this);
    else if (pending.length > 0) void Promise.all(pending).then(() => this.#end());
    else if (!this.hasRaised) {
      this.#announce();
      say(...outcomeLine(this.#silent()));
      this.#die('signal');
    }
  }

  #silent(): readonly ExitParticipant[] {
    return this.#operations.filter(({ hasAudience }) => !hasAudience);
  }

  #die(ending: Ending): void {
    this.#announce();
    say(...lastLines([...this.#registry.operations], ending));
    this.hasRaised = true;
    this.#registry.dropListeners(true);
    raise(this.#signal as NodeJS.Signals, () => {
      this.#unguard();
      this.#registry.over(this);
      this.survived.resolve(undefined);
    });
  }
}

/** SIGBREAK exists on Windows only; elsewhere listening to it throws. */
const isSupported = (signal: ProcessSignal): boolean => signal in constants.signals;

/** Throws unless the runtime knows the signals. The default ones do not exist everywhere, and are left out there. */
export function expectKnownSignals(signals: false | readonly ProcessSignal[] = []): void {
  for (const signal of signals || []) {
    if (isSupported(signal) || signal === 'SIGBREAK' || signal === 'SIGHUP') continue;
    const hint = didYouMean(signal, [...defaultSignals, ...Object.keys(constants.signals)]);
    throw new TypeError(`Expected \`signals\` to hold signals that this system has, got '${signal}'.${hint}`);
  }
}
