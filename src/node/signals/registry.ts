import { constants } from 'node:os';
import type { ExitParticipant, ExitRegistration } from '../../operation/platform.js';
import type { ProcessSignal } from '../../api/report.js';
import { sendPendingCancels } from '../exit.js';
import { Shutdown } from './shutdown.js';
import { lastLines } from './shutdown-lines.js';
import { say } from '../terminal.js';
import { hasApplicationListener } from './raise.js';

/** All copies of the library in a process share the registry, also copies of other versions: it changes name when its shape does. */
const REGISTRY = Symbol.for('genai-cancel.process.v1');

/** One press is not one signal: wrappers such as `npm run` and `timeout` deliver it two or three times. */
const SAME_PRESS_MS = 500;

export interface ProcessRegistry {
  admission(): Promise<void> | undefined;
  add(operation: ExitParticipant): ExitRegistration;
}

export function processRegistry(): ProcessRegistry {
  const shared = globalThis as { [REGISTRY]?: ProcessRegistry | undefined };
  return (shared[REGISTRY] ??= new SignalRegistry());
}

/**
 * Operations in flight, and the listeners that they need. There are listeners only while there are operations: an idle process
 * keeps Node's own behaviour.
 */
class SignalRegistry implements ProcessRegistry {
  readonly #operations = new Set<ExitParticipant>();
  readonly #listeners = new Map<ProcessSignal, () => void>();
  #press: Shutdown | undefined;
  #pressedAt = -Infinity;
  #pressedSignal: ProcessSignal | undefined;

  admission(): Promise<void> | undefined {
    return this.#press?.isFatal === true ? this.#press.survived.promise : undefined;
  }

  add(operation: ExitParticipant): ExitRegistration {
    // Somebody may have called removeAllListeners().
    if (!process.listeners('exit').includes(this.#onExit)) process.on('exit', this.#onExit);
    this.#operations.add(operation);
    this.#listenFor(operation);
    return {
      gate: () => this.admission(),
      release: () => {
        this.#press?.released(operation);
        this.#operations.delete(operation);
        if (this.#operations.size === 0) process.off('exit', this.#onExit);
        this.#dropUnwanted();
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

  /** During a press the listeners stay: the next press must reach us. */
  #dropUnwanted(): void {
    if (this.#press === undefined) this.#drop((signal) => !this.#isWanted(signal));
  }

  #isWanted(signal: ProcessSignal): boolean {
    for (const { signals } of this.#operations) if (signals.includes(signal)) return true;
    return false;
  }

  #drop(isDropped: (signal: ProcessSignal) => boolean): void {
    for (const [signal, listener] of this.#listeners) {
      if (!isDropped(signal)) continue;
      process.off(signal, listener);
      this.#listeners.delete(signal);
    }
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
    const stopping = [...this.#operations].filter((operation) => operation.signals.includes(signal));
    this.#pressedAt = performance.now();
    this.#pressedSignal = signal;
    this.#press = new Shutdown(signal, !isOwned, new Set([...stopping, ...(press?.stopping ?? [])]), {
      dropListeners: () => this.#drop(() => true),
      over: () => {
        this.#press = undefined;
        this.#dropUnwanted();
        for (const operation of this.#operations) this.#listenFor(operation);
      },
      inFlight: () => [...this.#operations],
    });
    this.#press.begin();
  }

  readonly #onExit = (): void => {
    const operations = [...this.#operations];
    const acknowledged = sendPendingCancels(operations);
    if (this.#press?.hasRaised !== true) say(...lastLines(operations, 'exit', acknowledged));
  };
}

/** SIGBREAK exists on Windows only; elsewhere listening to it throws. */
const isSupported = (signal: ProcessSignal): boolean => signal in constants.signals;

/** Throws unless the runtime knows the signals. The default ones do not exist everywhere, and are left out there. */
export function expectKnownSignals(signals: false | readonly ProcessSignal[] = []): void {
  for (const signal of signals || []) {
    if (isSupported(signal) || signal === 'SIGBREAK' || signal === 'SIGHUP') continue;
    throw new TypeError(`Expected \`signals\` to hold signals that this system has, got '${signal}'.`);
  }
}
